// @ts-check
/**
 * Learning and applying subwords beside Hugging Face's tokenizers, on one core:
 *
 *   node bench/tokenize.js [FASTA] [--python PATH] [--size 4096] [--json FILE]
 *
 * Without a file, a million letters are made by formula: random bases with repeats at several distances. Byte-pair merges and
 * token counts have to be the same before a time counts; unigrams are learned by two implementations of one idea, so that only
 * how short they make the text is compared. The peer needs `pip install tokenizers` in the Python given.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { home } from './peers.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: 'string', default: join(home, 'python/bin/python') },
    size: { type: 'string', default: '4096' },
    dist: { type: 'string', default: fileURLToPath(new URL('../dist', import.meta.url)) },
    json: { type: 'string' },
  },
});
const size = Number(values.size);
const unigramLetters = 200_000;
const { trainBpe, trainUnigram } = await import(join(values.dist, 'tokenize/index.js'));

/** A thousand sequences of a thousand letters; a third of the time a letter repeats what stood some way before. */
function made() {
  let state = 12345;
  const draw = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: 1000 }, () => {
    let text = '';
    let distance = 0;
    while (text.length < 1000) {
      if (draw() < 0.05) distance = text.length > 200 && draw() < 0.5 ? Math.floor(20 + draw() * 180) : 0;
      text += distance > 0 ? text[text.length - distance] : 'ACGT'[Math.floor(draw() * 4)];
    }
    return text;
  });
}

const lines = positionals[0]
  ? readFileSync(positionals[0], 'utf8')
      .split('>')
      .slice(1)
      .map((record) => record.slice(record.indexOf('\n')).replace(/\s/g, '').toUpperCase())
  : made();
const letters = lines.reduce((sum, { length }) => sum + length, 0);
const few = [];
for (let held = 0; held < unigramLetters && few.length < lines.length; held += few.at(-1).length)
  few.push(lines[few.length]);

/** The time of the second of two runs, the first of which warms up. */
function timed(work) {
  work();
  const start = performance.now();
  const result = work();
  return { result, seconds: (performance.now() - start) / 1000 };
}
const count = (tokenizer, list) => list.reduce((sum, line) => sum + tokenizer.encode(line).length, 0);

const bpe = timed(() => trainBpe(lines, { size, bytes: false, longest: 1000 }));
const bpeEncode = timed(() => count(bpe.result, lines));
const unigram = timed(() => trainUnigram(few, { size, bytes: false }));
const unigramEncode = timed(() => count(unigram.result, few));

const folder = mkdtempSync(join(tmpdir(), 'seqwright-bench-'));
writeFileSync(join(folder, 'lines.txt'), `${lines.join('\n')}\n`);
const script = fileURLToPath(new URL('tokenize-peer.py', import.meta.url));
const peer = spawnSync(
  values.python,
  [script, join(folder, 'lines.txt'), String(size), String(unigramLetters)],
  {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, RAYON_NUM_THREADS: '1', TOKENIZERS_PARALLELISM: 'false' },
  },
);
rmSync(folder, { recursive: true });
const theirs = peer.status === 0 ? JSON.parse(peer.stdout) : undefined;

const ours = {
  'bpe train': bpe.seconds,
  'bpe encode': bpeEncode.seconds,
  'unigram train': unigram.seconds,
  'unigram encode': unigramEncode.seconds,
};
const rows = Object.entries(ours).map(([work, seconds]) => {
  const theirSeconds = theirs?.[work].seconds;
  return { work, seconds, theirs: theirSeconds, ratio: theirSeconds && theirSeconds / seconds };
});
const merges = bpe.result.toJSON().merges.map((pair) => pair.map(bpe.result.token));
const same = theirs && JSON.stringify(merges) === JSON.stringify(theirs.merges);
const report = {
  letters,
  unigramLetters: few.reduce((sum, { length }) => sum + length, 0),
  size,
  tokenizers: theirs?.version ?? 'not installed',
  sameMerges: same,
  sameTokens: theirs && bpeEncode.result === theirs['bpe encode'].tokens,
  unigramTokens: { ours: unigramEncode.result, theirs: theirs?.['unigram encode'].tokens },
  rows,
};
if (!theirs)
  console.error(`The peer is left out: ${(peer.error?.message ?? peer.stderr).trim().split('\n').at(-1)}`);
console.log(
  `${letters} letters, ${size} tokens, tokenizers ${report.tokenizers} (ratio: its time over ours)`,
);
for (const { work, seconds, theirs: other, ratio } of rows)
  console.log(
    `${work.padEnd(15)} ${seconds.toFixed(2).padStart(7)} s ${other?.toFixed(2).padStart(7) ?? '-'} s  ${ratio?.toFixed(2) ?? '-'}`,
  );
if (theirs) {
  console.log(`the same merges: ${same}; the same number of tokens: ${report.sameTokens}`);
  console.log(
    `unigram tokens of the text learned from: ${unigramEncode.result}, theirs ${report.unigramTokens.theirs}`,
  );
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 1)}\n`);
if (theirs && !(same && report.sameTokens)) process.exitCode = 1;
