// Profile search on one core against HMMER: node bench/profile.js PYTHON [profile.hmm …]
//
// PYTHON has pyhmmer (pip install pyhmmer). The sequences are random ones of Swiss-Prot's composition and lengths, with
// some that each profile emits among them. Rounds of both alternate; the report has medians. Run npm run build first.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { markov } from '../dist/index.js';

const [python, ...files] = process.argv.slice(2);
if (!python) {
  console.error('Usage: node bench/profile.js PYTHON [profile.hmm …]');
  process.exit(2);
}
const golden = fileURLToPath(new URL('../test/golden/markov/profile.json', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'seqwright-profile-'));
const rounds = 7;
const number = 20_000;

/** sfc32, so that the sequences are the same each time. */
function random(seed) {
  let [a, b, c, d] = [seed, 0x9e3779b9, 0x243f6a88, 1];
  return () => {
    const t = (a + b + d) >>> 0;
    d = (d + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + t) >>> 0;
    return t / 2 ** 32;
  };
}

const letters = markov.aminoProfile.letters;
const cumulative = [...markov.aminoProfile.background].map(
  (
    (sum) => (f) =>
      (sum += f)
  )(0),
);
const uniform = random(7);
const letter = () =>
  letters[
    Math.max(
      0,
      cumulative.findIndex((p) => p > uniform()),
    )
  ];
const noise = (length) => Array.from({ length }, letter).join('');
const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
const stream = { uniform };

async function readProfile(path) {
  for await (const profile of markov.readHmmer([readFileSync(path)], { name: path })) return profile;
}

function defaultProfiles() {
  return JSON.parse(readFileSync(golden, 'utf8'))
    .cases.filter(({ alphabet }) => alphabet === 'amino')
    .map(({ name, profile }) => {
      const path = join(folder, `${name}.hmm`);
      writeFileSync(path, profile);
      return path;
    });
}

const peer = spawn(python, [fileURLToPath(new URL('profile-peer.py', import.meta.url))], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const answers = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
const answer = async () => JSON.parse((await answers.next()).value);
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

const { name } = await answer();
console.log(`${name}; node ${process.version}; load ${loadavg()[0].toFixed(1)}`);
const ratios = [];
for (const path of files.length > 0 ? files : defaultProfiles()) {
  const profile = await readProfile(path);
  const records = Array.from({ length: number }, (_, i) => {
    const length = Math.max(50, Math.round(Math.exp(5.7 + 0.6 * normal())));
    const own = i % 500 === 0 ? markov.sampleProfile(profile, stream).text : '';
    return { id: `s${i}`, text: noise(length) + own };
  });
  const fasta = join(folder, 'targets.fa');
  writeFileSync(fasta, records.map(({ id, text }) => `>${id}\n${text}\n`).join(''));
  const targets = records.map(({ id, text }) => ({
    id,
    codes: markov.encodeSequence(text, profile.alphabet),
  }));
  const residues = targets.reduce((sum, { codes }) => sum + codes.length, 0);
  const round = () => {
    const began = performance.now();
    const { compare } = markov.openComparison(profile);
    const hits = targets.map(compare).filter((hit) => hit && Math.exp(hit.logP) * number < 1e-3);
    return { seconds: (performance.now() - began) / 1000, hits: hits.map(({ id }) => id).sort() };
  };
  const [ours, theirs] = [[], []];
  let same = true;
  for (let r = 0; r < rounds; r++) {
    peer.stdin.write(`${JSON.stringify({ profile: path, sequences: fasta, rounds: 2 })}\n`);
    const { seconds, hits } = await answer();
    const own = round();
    same &&= JSON.stringify(own.hits) === JSON.stringify(hits);
    theirs.push(seconds[1]);
    ours.push(own.seconds);
  }
  const [a, b] = [median(ours), median(theirs)];
  ratios.push(b / a);
  const cells = (residues * profile.nodes) / 1e9;
  console.log(
    `${basename(path)}: ${profile.nodes} nodes, ${(residues / 1e6).toFixed(1)} M residues: ${(1000 * a).toFixed(0)} ms (${(cells / a).toFixed(1)} Gcells/s), HMMER ${(1000 * b).toFixed(0)} ms (${(cells / b).toFixed(1)}); ratio ${(b / a).toFixed(2)}${same ? '' : '; hits DIFFER'}`,
  );
}
console.log(
  `geometric mean of the ratios: ${Math.exp(ratios.reduce((s, r) => s + Math.log(r), 0) / ratios.length).toFixed(2)}`,
);
peer.stdin.end();
rmSync(folder, { recursive: true, force: true });
