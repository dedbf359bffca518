// @ts-check
/**
 * Bases a second of `seqwright scan`, beside the same network in PyTorch on the same genome:
 *
 *   npm run build && node bench/scan.js [--python PATH] [--bases 2000000] [--threads 1,2] [--rounds 3] [--architectures cnn,cnn-bilstm] [--compile] [--json FILE]
 *
 * The networks are `cnn` and `cnn-bilstm` as `train` makes them, untrained, on windows of 200 letters every 50, both strands. Ours is the
 * command as a user gives it: from reading the FASTA to the finished bedGraph, loading the model included. The peer's time is that of
 * reading the FASTA and of all windows; it writes nothing, and finds its quickest variant beforehand (`peers/scan.py`). The values have
 * to agree to 1e-4 before a time counts. Both run in turns; medians are compared, of time and of processor time: ours is that of the whole process, from the
 * start of Node to its end, and theirs that of the windows.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from './measure.js';
import { home } from './peers.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    python: { type: 'string', default: join(home, 'python/bin/python') },
    dist: { type: 'string', default: join(root, 'dist') },
    bases: { type: 'string', default: '2000000' },
    threads: { type: 'string', default: '1,2' },
    rounds: { type: 'string', default: '3' },
    architectures: { type: 'string', default: 'cnn,cnn-bilstm' },
    compile: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const [width, step] = [200, 50];
const bases = Number(values.bases);
const { completeSpec, network, nn, saveModel } = await import(join(values.dist, 'index.js'));

const folder = mkdtempSync(join(tmpdir(), 'seqwright-bench-'));
const at = (name) => join(folder, name);

/** Random bases by formula, in two chromosomes. */
function genome() {
  let state = 12345;
  const line = () =>
    Array.from({ length: 80 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return 'ACGT'[state >>> 30];
    }).join('');
  const lines = (count) => Array.from({ length: count }, line).join('\n');
  return `>chr1\n${lines(Math.floor(bases / 100))}\n>chr2\n${lines(Math.floor(bases / 400))}\n`;
}
writeFileSync(at('genome.fa'), genome());

async function modelOf(architecture) {
  const output = { kind: 'classes', classes: ['no', 'yes'] };
  const alphabet = { name: 'dna', letters: 'ACGT' };
  const spec = completeSpec({ architecture, config: {}, alphabet, tracks: [], output });
  await saveModel(at(architecture), { spec, weights: nn.initialize(network(spec), 7), training: {} });
  return at(architecture);
}

function ask(command, args, env = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`${command} ${args[0]}: ${stderr.slice(-800)}`);
  return JSON.parse(stdout);
}

/** Leaves the processor time of a process, of all its threads from its start to its end, in a file. */
const atExit = `data:text/javascript,import { writeFileSync } from 'node:fs';
process.on('exit', () => { const { user, system } = process.cpuUsage(); writeFileSync(process.env.PROCESSOR_TIME, String((user + system) / 1e6)); });`;

function ours(model, threads) {
  const found = ask(
    process.execPath,
    [
      ...['--import', atExit.replaceAll('\n', '')],
      ...[join(values.dist, '../bin/seqwright.js'), 'scan', model, at('genome.fa'), '--track', 'yes'],
      ...['--width', `${width}`, '--step', `${step}`, '--strand', 'both', '--threads', `${threads}`],
      ...['-o', at('ours.bedgraph'), '--json', '--quiet'],
    ],
    { PROCESSOR_TIME: at('processor') },
  );
  return { ...found, processor: Number(readFileSync(at('processor'), 'utf8')) };
}
const theirs = (model, threads, waiting) =>
  ask(
    values.python,
    [
      ...[
        join(root, 'bench/peers/scan.py'),
        model,
        at('genome.fa'),
        `${width}`,
        `${step}`,
        '1',
        `${threads}`,
      ],
      ...[at('theirs.bin'), ...(values.compile ? ['--compile'] : [])],
    ],
    waiting ? { OMP_WAIT_POLICY: waiting } : {},
  );

/** How PyTorch's threads wait for each other can only be said when it starts; the quicker way counts. */
function waitingOf(model, threads) {
  if (threads === 1) return undefined;
  const seconds = ['active', 'passive'].map((waiting) => theirs(model, threads, waiting).seconds);
  return seconds[0] < seconds[1] ? 'active' : 'passive';
}

/** Letters of the chromosomes. */
const lengths = { chr1: 80 * Math.floor(bases / 100), chr2: 80 * Math.floor(bases / 400) };
const windowsOf = (length) => Math.ceil((length - width) / step) + 1;

/** The largest difference of a value; infinite where one is missing. Neighbours of one value share a line of the bedGraph. */
function difference() {
  const bytes = readFileSync(at('theirs.bin'));
  const peer = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const before = (width - step) / 2;
  const found = new Map();
  for (const line of readFileSync(at('ours.bedgraph'), 'utf8').trim().split('\n')) {
    const [chrom, start, end, value] = line.split('\t');
    const first = Math.max(0, Math.floor((Number(start) - before) / step));
    const last = Math.floor((Number(end) - 1 - before) / step);
    for (let k = first; k <= Math.min(last, windowsOf(lengths[chrom]) - 1); k++)
      found.set(`${chrom} ${k}`, Number(value));
  }
  let [worst, k] = [0, 0];
  for (const [chrom, length] of Object.entries(lengths))
    for (let w = 0; w < windowsOf(length); w++, k++)
      worst = Math.max(worst, Math.abs((found.get(`${chrom} ${w}`) ?? Number.POSITIVE_INFINITY) - peer[k]));
  return { worst, windows: peer.length };
}

const results = [];
for (const architecture of values.architectures.split(',')) {
  const model = await modelOf(architecture);
  for (const threads of values.threads.split(',').map(Number)) {
    const times = { ours: [], theirs: [] };
    const processor = { ours: [], theirs: [] };
    let variant = '';
    const waiting = waitingOf(model, threads);
    for (let round = 0; round < Number(values.rounds); round++) {
      const own = ours(model, threads);
      const peer = theirs(model, threads, waiting);
      times.ours.push(own.seconds);
      times.theirs.push(peer.seconds);
      processor.ours.push(own.processor);
      processor.theirs.push(peer.processor);
      variant = `PyTorch ${peer.version}, ${peer.variant}${waiting ? `, ${waiting} waiting` : ''}`;
      if (round > 0) continue;
      const { worst, windows } = difference();
      if (!(worst <= 1e-4) || own.windows !== windows)
        throw new Error(
          `${architecture}: values differ by ${worst} (${windows} windows, ours ${own.windows})`,
        );
    }
    const [mine, other] = [median(times.ours), median(times.theirs)];
    const letters = lengths.chr1 + lengths.chr2;
    const row = { architecture, threads, letters, variant, times, processor };
    const processorRatio = median(processor.theirs) / median(processor.ours);
    results.push({
      ...row,
      basesPerSecond: letters / mine,
      peerBasesPerSecond: letters / other,
      ratio: other / mine,
      processorRatio,
    });
    console.log(
      `${architecture}, ${threads} thread(s): ${(letters / mine / 1e3).toFixed(0)} kb/s, ${variant}: ${(letters / other / 1e3).toFixed(0)} kb/s; ${(other / mine).toFixed(2)}×, by processor time ${processorRatio.toFixed(2)}×`,
    );
  }
}
if (values.json) writeFileSync(values.json, `${JSON.stringify({ load: loadavg()[0], results }, null, 1)}\n`);
rmSync(folder, { recursive: true });
