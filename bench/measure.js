// @ts-check
/** One workload, in turns: A B C A B C … */
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { checkedSteps } from './workloads.js';

/** @typedef {Awaited<ReturnType<typeof import('./conversation.js').converse>>} Conversation */
/** @typedef {{ id: string, title: string, launches: { label: string, talk: Conversation }[] }} Runner */

/**
 * What is measured together, in one report.
 * @typedef {object} Suite
 * @property {string} name
 * @property {string} title
 * @property {string} source the file that says what is computed
 * @property {string} file what the report is called
 * @property {string} command
 * @property {string[]} peers
 * @property {Record<string, string>} [scripts] the peers' programs, where they are not those of the first suite
 * @property {string[]} modes
 * @property {any[]} workloads each may have `modes` and `peers` of its own
 * @property {object} optimizer
 * @property {(workload: any) => { name: string, shape: number[], data: Float32Array | Int32Array }[]} tensorsOf
 * @property {(workload: any) => { shape: number[] }[]} parametersOf
 * @property {(workload: any, mode: string) => number} [operationsOf]
 * @property {(workload: any) => number} [tokensOf]
 */

/** Relative difference up to which two peers are said to compute the same thing. */
const tolerance = 5e-4;

/** Spinning threads of the peer that ran last must be asleep when the next one starts. */
const rest = 60;

export const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Writes the tensors where the peers can read them, and gives the message that announces them. */
function announce({ tensorsOf, optimizer }, workload, mode, compile) {
  const tensors = tensorsOf(workload);
  const data = join(tmpdir(), `seqwright-bench-${process.pid}.bin`);
  writeFileSync(data, Buffer.concat(tensors.map(({ data }) => Buffer.from(data.buffer))));
  const headers = tensors.map(({ name, shape, data }) => ({
    ...{ name, shape },
    dtype: data instanceof Int32Array ? 'int32' : 'float32',
  }));
  return { cmd: 'prepare', workload, mode, compile, optimizer, steps: checkedSteps, data, tensors: headers };
}

/** How many steps fill a turn, and how long one takes. */
async function calibrate(talk, turn) {
  let steps = 1;
  for (;;) {
    const { seconds } = await talk.ask({ cmd: 'run', steps });
    if (seconds >= turn / 4 || steps > 1e5) {
      const step = seconds / steps;
      return { step, steps: Math.max(1, Math.round(turn / step)) };
    }
    steps = Math.max(2 * steps, Math.ceil((steps * turn) / 4 / Math.max(seconds, 1e-6)));
  }
}

/** Prepares every launch of a peer and keeps the quickest. */
async function enter(runner, message, turn) {
  let best = null;
  const problems = [];
  for (const { label, talk } of runner.launches)
    try {
      const reply = await talk.ask(message);
      const pace = await calibrate(talk, turn);
      await pause(rest);
      const variant = [label, reply.variant].filter(Boolean).join(': ');
      if (!best || pace.step < best.step) best = { ...pace, talk, reply, variant };
    } catch (error) {
      problems.push([label, error.message].filter(Boolean).join(': '));
    }
  return best ? { ...best, id: runner.id } : { id: runner.id, problem: problems.join('; ') };
}

/** What is wrong with a peer's numbers beside the reference's, or null. */
export function disagreement(reply, reference, parameters) {
  if (reply.parameters !== parameters)
    return `has ${reply.parameters} parameters where the workload has ${parameters}`;
  if (reference.tokens) return sameTokens(reply.tokens, reference.tokens);
  const key = reference.losses ? 'losses' : 'logits';
  const [ours, theirs] = [reply[key] ?? [], reference[key]];
  if (ours.length !== theirs.length) return `gave ${ours.length} ${key}, expected ${theirs.length}`;
  const worst = Math.max(...theirs.map((x, k) => Math.abs(x - ours[k]) / Math.max(Math.abs(x), 0.1)));
  return worst <= tolerance ? null : `its ${key} differ by ${worst.toPrecision(2)} (relative): other work`;
}

/** Greedy or best tokens have to be the same, each and every one. */
function sameTokens(ours, theirs) {
  const at = theirs.findIndex((token, i) => token !== ours?.[i]);
  if (at < 0 && ours.length === theirs.length) return null;
  return `writes other tokens from place ${at + 1} on (${ours?.[at]} in place of ${theirs[at]}): other work`;
}

/**
 * The peer whose numbers the others are compared with: independent of us where there is one.
 * @param {any[]} entered
 */
function referenceOf(entered) {
  return entered.find(({ id }) => id === 'pytorch') ?? entered.find(({ id }) => id === 'jax') ?? entered[0];
}

/**
 * @param {Suite} suite
 * @param {any} workload one of its workloads
 * @param {string} mode
 * @param {Runner[]} runners
 * @param {{ rounds: number, turn: number, compile: string }} options `turn` in seconds
 */
export async function measure(suite, workload, mode, runners, { rounds, turn, compile }) {
  const message = announce(suite, workload, mode, compile);
  const entered = [];
  try {
    for (const runner of runners) entered.push(await enter(runner, message, turn));
  } finally {
    rmSync(message.data, { force: true });
  }
  const ready = entered.filter(({ problem }) => !problem);
  const parameters = suite
    .parametersOf(workload)
    .map(({ shape }) => shape.reduce((a, b) => a * b, 1))
    .reduce((a, b) => a + b);
  if (ready.length) {
    const reference = referenceOf(ready);
    for (const peer of ready) peer.problem = disagreement(peer.reply, reference.reply, parameters);
  }
  const racing = ready.filter(({ problem }) => !problem);
  const times = new Map(racing.map(({ id }) => [id, []]));
  for (let round = 0; round < rounds; round++)
    for (const { id, talk, steps } of racing) {
      const { seconds } = await talk.ask({ cmd: 'run', steps });
      times.get(id).push(seconds / steps);
      await pause(rest);
    }
  const results = entered.map(({ id, variant, steps, reply, problem }) => {
    if (problem) return { id, problem };
    const seconds = times.get(id);
    const spread = { low: Math.min(...seconds), high: Math.max(...seconds) };
    return { id, variant, steps, seconds: median(seconds), ...spread, losses: reply.losses };
  });
  const { operationsOf, tokensOf } = suite;
  return {
    ...{ name: workload.name, mode, parameters },
    ...(operationsOf && { operations: operationsOf(workload, mode) }),
    ...(tokensOf && { tokens: tokensOf(workload) }),
    results,
  };
}
