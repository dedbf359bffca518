// Hidden Markov models against hmmlearn and pomegranate on one core: node bench/hmm.js PYTHON [--length N] [--out FILE]
//
// PYTHON has hmmlearn and pomegranate (pip install hmmlearn pomegranate); one that is missing is named as left out.
// Every program gets the same model and letters, must find the same likelihood (and hmmlearn the same best path's
// and the same transitions after one round of Baum and Welch), and runs in turn with the others; the report has
// medians of processor time. Run npm run build first.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { markov, randomStream } from '../dist/index.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    length: { type: 'string', default: '1000000' },
    states: { type: 'string', default: '4,16,64' },
    rounds: { type: 'string', default: '3' },
    out: { type: 'string' },
  },
});
const [python] = positionals;
if (!python) {
  console.error('Usage: node bench/hmm.js PYTHON [--length N] [--states 4,16,64] [--rounds N] [--out FILE]');
  process.exit(2);
}
const rounds = Number(values.rounds);
const folder = mkdtempSync(join(tmpdir(), 'seqwright-hmm-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

// pomegranate takes a step of Python for every letter, so its rows are of fewer letters, for both programs.
const peers = [
  { id: 'hmmlearn-scaling', letters: Number(values.length), implementations: 'scaling' },
  { id: 'hmmlearn-log', letters: Number(values.length) / 10, implementations: 'log' },
  { id: 'pomegranate', letters: Number(values.length) / 50 },
];
const works = ['forward', 'viterbi', 'baumWelch'];

function startPeer(id) {
  const file = fileURLToPath(new URL('hmm-peer.py', import.meta.url));
  const child = spawn(python, [file, id], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    return done ? { error: 'it ended' } : JSON.parse(value);
  };
  const ask = (task) => {
    child.stdin.write(`${JSON.stringify(task)}\n`);
    return answer();
  };
  return { child, answer, ask };
}

function randomModel(k, stream) {
  const row = (n) => {
    const weights = Array.from({ length: n }, () => stream.uniform() + 0.05);
    const sum = weights.reduce((a, b) => a + b);
    return weights.map((w) => w / sum);
  };
  return {
    start: row(k),
    transitions: Array.from({ length: k }, () => row(k)),
    emissions: Array.from({ length: k }, () => row(4)),
  };
}

function ours({ start, transitions, emissions }, tokens) {
  const model = markov.hmm({
    states: start.map((_, i) => ({ name: `s${i}`, emission: i })),
    start,
    transitions,
    emissions: markov.categorical(emissions),
  });
  return {
    forward: () => markov.forward(model, tokens).logLikelihood,
    viterbi: () => markov.viterbi(model, tokens).logProbability,
    baumWelch: () => {
      const { model: trained } = markov.baumWelch(model, [tokens], { iterations: 1 });
      const table = new Array(start.length ** 2).fill(0);
      trained.edges.probability.forEach((p, i) => {
        table[trained.edges.from[i] * start.length + trained.edges.to[i]] = p;
      });
      return table;
    },
  };
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
const close = (a, b, relative) => Math.abs(a - b) <= relative * Math.max(1, Math.abs(b));

/** What differs between what both found; undefined where nothing does. */
function difference(peer, work, mine, theirs) {
  if (peer === 'pomegranate')
    return work !== 'forward' || close(mine, theirs, 1e-3) ? undefined : `${mine} here, ${theirs} there`;
  if (Array.isArray(mine)) {
    const i = mine.findIndex((value, i) => !close(value, theirs[i], 1e-8));
    return i < 0 ? undefined : `transition ${i} is ${mine[i]} here, ${theirs[i]} there`;
  }
  return close(mine, theirs, 1e-9) ? undefined : `${mine} here, ${theirs} there`;
}

async function compare({ id, letters }, states) {
  const stream = randomStream(7, 'bench-hmm', states);
  const model = randomModel(states, stream);
  const tokens = Uint8Array.from({ length: letters }, () => stream.below(4));
  const paths = { model: join(folder, 'model.json'), tokens: join(folder, 'tokens') };
  writeFileSync(paths.model, JSON.stringify(model));
  writeFileSync(paths.tokens, tokens);
  const { child, answer, ask } = startPeer(id);
  const rows = [];
  try {
    const hello = await answer();
    if (hello.error) return [{ peer: id, states, letters, error: 'not installed' }];
    await ask({ cmd: 'prepare', ...paths });
    const own = ours(model, Int32Array.from(tokens));
    const warm = ours(model, Int32Array.from(tokens.subarray(0, 20_000)));
    for (const work of works) {
      const row = { peer: hello.name, implementation: id.split('-')[1] ?? '', work, states, letters };
      warm[work]();
      const mine = [];
      const theirs = [];
      let problem;
      for (let round = 0; round < rounds && !problem; round++) {
        const began = process.cpuUsage();
        const found = own[work]();
        const { user, system } = process.cpuUsage(began);
        mine.push((user + system) / 1e6);
        const reply = await ask({ cmd: work });
        problem = reply.error ?? difference(id, work, found, reply.found);
        theirs.push(reply.seconds);
      }
      rows.push(
        problem ? { ...row, error: problem } : { ...row, ours: median(mine), theirs: median(theirs) },
      );
      console.error(rows.at(-1));
    }
  } finally {
    child.kill();
  }
  return rows;
}

const digits = (x) =>
  x < 1 ? x.toPrecision(2) : x < 1000 ? x.toPrecision(3) : Math.round(x).toLocaleString('en-GB');

function report(rows, load) {
  const body = rows.map(
    (row) =>
      `| ${row.peer}${row.implementation ? `, ${row.implementation}` : ''} | ${row.work ?? ''} | ${row.states} | ${row.letters.toLocaleString('en-GB')} | ${
        row.error ? `not counted: ${row.error.split('\n')[0]}` : `${digits(row.theirs / row.ours)}×`
      } |`,
  );
  return `# Hidden Markov models

Written by \`node bench/hmm.js\`; do not edit. Forward, Viterbi and one round of Baum and Welch over random letters of four kinds by random dense
models. A ratio is the peer's time divided by Seqwright's, medians of ${rounds} rounds in turn, processor time of one thread: above 1, Seqwright is faster. hmmlearn found the
same likelihoods to 1e-9 and the same transitions to 1e-8, or its row is not counted; pomegranate computes in float32 (likelihood to 1e-3). Over so few
letters Seqwright goes by words of two to four letters at a time; position by position, as over larger alphabets, numbers and emissions of
higher order, the same models ran at 1.0 to 3.7 times the speed of hmmlearn (scaling) when last measured, Viterbi of 4 states at 0.6 (log).

- Machine: ${cpus()[0].model}, Node ${process.version}. Load average at the start: ${load}.

| peer | work | states | letters | ratio |
| --- | --- | --- | --- | --- |
${body.join('\n')}
`;
}

const load = loadavg()[0].toFixed(2);
const rows = [];
for (const states of values.states.split(',').map(Number))
  for (const peer of peers) rows.push(...(await compare(peer, states)));
const text = report(rows, load);
console.log(text);
if (values.out) writeFileSync(values.out, text);
