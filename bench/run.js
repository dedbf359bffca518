// @ts-check
/**
 * `node bench/run.js`: the same work in this project and in its peers, side by side. See README.md.
 * A whole run writes docs/benchmarks.md and docs/benchmarks.json; a narrowed one prints, and writes only where
 * `--out` says, so that no selection passes for the whole.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { converse } from './conversation.js';
import { measure } from './measure.js';
import { peers } from './peers.js';
import { markdown } from './report.js';
import { suite as models } from './workloads.js';

const help = `Usage: node bench/run.js [options]
  --suite NAME       models (networks, the default) or language (language models, structured losses, decoding)
  --only TEXT,…      workloads whose name contains one of these (lstm, cnn-small, medium, …)
  --peers ID,…       ${peers.map(({ id }) => id).join(', ')} (default: all that are installed)
  --modes LIST       train,infer of the models, train,generate of language
  --threads LIST     1,2
  --rounds N         turns of each peer, at least 5 for a number that is to be quoted (default 5)
  --turn SECONDS     length of a turn (default 0.4)
  --compile WHERE    torch.compile for conv models only, none or all (all: minutes for each recurrent model)
  --out FOLDER       where benchmarks.md and benchmarks.json go (default: docs, for a whole run only)
  --name NAME        the files' name in place of benchmarks
  --resume           go on with a run that did not finish: rows that its file has are not measured again
  --keep             rows that are in the file already and not measured now stay in it; a row is always of one run`;

const { values } = parseArgs({
  options: {
    suite: { type: 'string', default: 'models' },
    only: { type: 'string' },
    peers: { type: 'string' },
    modes: { type: 'string' },
    threads: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    turn: { type: 'string', default: '0.4' },
    compile: { type: 'string', default: 'conv' },
    out: { type: 'string' },
    name: { type: 'string' },
    resume: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});

const listed = (text) => text?.split(',').filter(Boolean);

function fail(problem) {
  console.error(problem);
  process.exit(2);
}

async function suiteOf(name) {
  if (name === models.name) return models;
  // The other suite needs our own build, to know the parameters of its models.
  if (name === 'language') return (await import('./tasks.js')).suite;
  return fail(`--suite ${name}: expected models or language`);
}

function choose(suite) {
  const { workloads } = suite;
  const peers = suite.peers.map((id) => ({ id }));
  const only = listed(values.only);
  const chosen = workloads.filter(({ name }) => !only || only.some((part) => name.includes(part)));
  if (!chosen.length)
    fail(`--only ${values.only} names no workload: ${workloads.map(({ name }) => name).join(', ')}`);
  const wanted = listed(values.peers);
  const unknown = wanted?.find((id) => !peers.some((peer) => peer.id === id));
  if (unknown) fail(`--peers: no peer "${unknown}": ${peers.map(({ id }) => id).join(', ')}`);
  const rounds = Number(values.rounds);
  const turn = Number(values.turn);
  if (!(Number.isInteger(rounds) && rounds > 0))
    fail(`--rounds ${values.rounds}: expected a whole number above 0`);
  if (!(turn > 0)) fail(`--turn ${values.turn}: expected seconds above 0`);
  const threads = (listed(values.threads) ?? ['1', '2']).map(Number);
  if (!threads.every((n) => Number.isInteger(n) && n > 0))
    fail(`--threads ${values.threads}: expected numbers above 0`);
  const modes = listed(values.modes) ?? suite.modes;
  const whole = !(only || wanted || values.modes || values.threads) && rounds >= 5;
  return { chosen, wanted, rounds, turn, threads, modes, whole };
}

function machine() {
  const [{ model }] = os.cpus();
  let vectors = '';
  try {
    const flags = readFileSync('/proc/cpuinfo', 'utf8');
    vectors = /\bavx512f\b/.test(flags) ? ', AVX-512' : /\bavx2\b/.test(flags) ? ', AVX2' : '';
  } catch {
    // Only Linux tells; elsewhere the model's name has to do.
  }
  return `${model.trim()}${vectors}, ${os.cpus().length} cores, ${os.type()} ${os.arch()}, Node ${process.version}`;
}

/** Starts every launch of a peer; the words it greets with tell the versions. */
async function start(peer, threads, file) {
  const launches = [];
  const problems = [];
  let versions = '';
  for (const launch of peer.launches(threads, file))
    try {
      const talk = await converse(launch);
      launches.push({ label: launch.label, talk });
      versions ||= Object.entries(talk.hello.versions)
        .filter(([name]) => name !== 'backend')
        .map(([name, version]) => `${name} ${version}`)
        .join(', ');
    } catch (error) {
      problems.push([launch.label, error.message].filter(Boolean).join(': '));
    }
  return { id: peer.id, title: peer.title, launches, versions, problem: problems.join('; ') };
}

async function peaksOf(runners, threads) {
  const peaks = [];
  for (const { title, launches } of runners)
    for (const { label, talk } of launches) {
      const { gflops } = await talk.ask({ cmd: 'matmul', size: 1024 });
      peaks.push({ title: label ? `${title} (${label})` : title, threads, gflops });
    }
  return peaks;
}

function save(run, folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${run.file}.md`), markdown(run));
  writeFileSync(join(folder, `${run.file}.json`), `${JSON.stringify(run, null, 1)}\n`);
}

/** What the file holds already; an earlier run of other versions or on another machine does not go together with this one. */
function former(run, folder) {
  const file = join(folder ?? '.', `${run.file}.json`);
  if (!(values.keep || values.resume) || !folder || !existsSync(file)) return undefined;
  const before = JSON.parse(readFileSync(file, 'utf8'));
  if (before.machine !== run.machine) fail(`${file} was measured on another machine.`);
  if (values.resume && before.complete) fail(`--resume: ${file} is complete.`);
  return before;
}

const key = ({ name, mode, threads }) => `${name} ${mode} ${threads}`;

/** This run with the rows of an earlier one that it does not measure itself. */
function joined(run, before, { workloads }) {
  if (!before) return run;
  const own = new Set(run.rows.map(key));
  const counts = new Set(run.peaks.map(({ threads }) => threads));
  const order = ({ threads, name, mode }) =>
    threads * 1000 + workloads.findIndex((w) => w.name === name) * 2 + Number(mode !== 'train');
  const rows = [...before.rows.filter((row) => !own.has(key(row))), ...run.rows];
  return {
    ...run,
    earlier: before.date,
    peaks: [...before.peaks.filter(({ threads }) => !counts.has(threads)), ...run.peaks],
    rows: rows.sort((a, b) => order(a) - order(b)),
  };
}

function tell(row) {
  const own = row.results.find(({ id }) => id === 'seqwright')?.seconds;
  const words = row.results.map(({ id, seconds, problem }) => {
    if (problem) return `${id}: ${problem.slice(0, 80)}`;
    return `${id} ${(1000 * seconds).toPrecision(3)} ms${own && id !== 'seqwright' ? ` (${(seconds / own).toPrecision(3)}×)` : ''}`;
  });
  console.error(`${row.name}, ${row.mode}, ${row.threads} thread(s): ${words.join(' · ')}`);
}

async function main() {
  const suite = await suiteOf(values.suite);
  const { chosen, wanted, rounds, turn, threads, modes, whole } = choose(suite);
  const folder = values.out ?? (whole ? fileURLToPath(new URL('../docs', import.meta.url)) : undefined);
  const asked = peers.filter(({ id }) => (wanted ?? suite.peers).includes(id));
  const run = {
    ...{ date: new Date().toISOString().slice(0, 10), machine: machine(), load: os.loadavg()[0], rounds },
    compile: values.compile,
    complete: false,
    peers: asked.map((peer) => ({ id: peer.id, title: peer.title, versions: '', missing: peer.missing() })),
    ...{ title: suite.title, source: suite.source, command: suite.command, file: values.name ?? suite.file },
    ...{ peaks: [], rows: [] },
  };
  const before = former(run, folder);
  if (run.load > 0.5)
    console.error(`The machine is busy (load ${run.load.toFixed(2)}): numbers will be noisy.`);
  for (const count of threads) {
    const runners = [];
    for (const entry of run.peers.filter(({ missing }) => !missing)) {
      const runner = await start(
        peers.find(({ id }) => id === entry.id),
        count,
        suite.scripts?.[entry.id],
      );
      entry.versions = runner.versions;
      if (runner.launches.length) runners.push(runner);
      else entry.missing = `it did not start: ${runner.problem}`;
    }
    if (suite.operationsOf) run.peaks.push(...(await peaksOf(runners, count)));
    const isDone = (workload, mode) =>
      values.resume && before?.rows.some((row) => key(row) === key({ ...workload, mode, threads: count }));
    for (const workload of chosen)
      for (const mode of modes.filter((m) => workload.modes?.includes(m) ?? true)) {
        if (isDone(workload, mode)) continue;
        const able = runners.filter(({ id }) => workload.peers?.includes(id) ?? true);
        const row = await measure(suite, workload, mode, able, { rounds, turn, compile: values.compile });
        run.rows.push({ threads: count, ...row });
        tell(run.rows.at(-1));
        if (folder) save(joined(run, before, suite), folder);
      }
    for (const { launches } of runners) for (const { talk } of launches) await talk.close();
  }
  run.complete = true;
  if (folder) save(joined(run, before, suite), folder);
  console.log(folder ? `written: ${join(folder, run.file)}.md and .json` : markdown(run));
}

if (values.help) console.log(help);
else await main();
