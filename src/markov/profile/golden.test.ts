import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { alignToProfile } from './align-sequences.ts';
import { encodeSequence, profileAlphabet } from './alphabet.ts';
import { buildProfile } from './build/build-profile.ts';
import type { ProfileHmm } from './profile-hmm.ts';
import { readHmmer } from './read-hmmer.ts';
import { reportHits } from './report/reporting.ts';
import { domainTable, targetTable } from './report/tables.ts';
import { reportWindows } from './report/windows.ts';
import { openComparison, type ProfileHit } from './search.ts';
import { reverseComplementCodes } from './strand.ts';
import { openWindowSearch } from './window-search.ts';
import { hmmerText } from './write-hmmer.ts';

interface GoldenDomain {
  score: number;
  bias: number;
  cEvalue: number;
  iEvalue: number;
  nodeFrom: number;
  nodeTo: number;
  from: number;
  to: number;
  envelopeFrom: number;
  envelopeTo: number;
  model: string;
  agreement: string;
  target: string;
  posterior: string;
}
interface GoldenCase {
  name: string;
  alphabet: string;
  alignment: { id: string; text: string }[];
  effective: number;
  checksum: number;
  profile: string;
  targets: { id: string; text: string }[];
  long?: { text: string; hits: (GoldenDomain & { evalue: number; strand: string })[] };
  aligned?: Record<'all' | 'trimmed', string[]>;
  tblout: string[];
  domtblout: string[];
  hits: { id: string; score: number; bias: number; evalue: number; domains: GoldenDomain[] }[];
}

/** Made by HMMER itself: see test/golden/markov/profile.py. */
const { cases } = JSON.parse(
  readFileSync(new URL('../../../test/golden/markov/profile.json', import.meta.url), 'utf8'),
) as { cases: GoldenCase[] };

const read = async (text: string) => {
  for await (const profile of readHmmer([new TextEncoder().encode(text)])) return profile;
  throw new Error('no profile');
};

const hitsOf = (profile: ProfileHmm, targets: GoldenCase['targets']) => {
  const { compare } = openComparison(profile);
  return targets
    .map(({ id, text }) => compare({ id, codes: encodeSequence(text, profile.alphabet) }))
    .filter((hit): hit is ProfileHit => hit !== undefined);
};

describe.each(cases)('HMMER and $name', (golden) => {
  it('a profile of HMMER is written as the same bytes', async () => {
    expect(hmmerText(await read(golden.profile))).toBe(golden.profile);
  });

  it('the same alignment gives the same profile', async () => {
    const theirs = await read(golden.profile);
    const ours = buildProfile(
      { name: golden.name, rows: golden.alignment },
      { alphabet: profileAlphabet(golden.alphabet)! },
    );
    expect(ours.nodes).toBe(theirs.nodes);
    expect(ours.checksum).toBe(golden.checksum);
    expect(ours.effective).toBeCloseTo(golden.effective, 4);
    expect(ours.map).toEqual(theirs.map);
    expect(ours.consensus).toBe(theirs.consensus);
    expect(ours.maxLength).toBe(theirs.maxLength);
    for (const part of ['match', 'insert', 'transitions', 'composition'] as const) {
      const far = ours[part]!.map((p, i) => Math.abs(p - theirs[part]![i]!));
      expect(Math.max(...far.subarray(part === 'match' ? ours.alphabet.size : 0)), part).toBeLessThan(2e-5);
    }
    // Simulated with HMMER's random numbers.
    for (const tail of ['msv', 'viterbi', 'forward'] as const) {
      const { location, lambda } = theirs.statistics![tail];
      expect(ours.statistics![tail].lambda).toBeCloseTo(lambda, 4);
      expect(Math.abs(ours.statistics![tail].location - location), tail).toBeLessThan(2e-3);
    }
  });

  it('the same sequences are found, with the same scores', async () => {
    const hits = hitsOf(await read(golden.profile), golden.targets);
    const ids = (of: { id: string }[]) => of.map(({ id }) => id).sort();
    const reported = hits.filter(({ logP }) => Math.exp(logP) * golden.targets.length <= 10);
    expect(ids(reported)).toEqual(ids(golden.hits));
    for (const theirs of golden.hits) {
      const ours = hits.find(({ id }) => id === theirs.id)!;
      expect(Math.abs(ours.score - theirs.score)).toBeLessThan(rounding);
      expect(Math.abs(ours.bias - theirs.bias)).toBeLessThan(rounding);
      const logE = ours.logP + Math.log(golden.targets.length);
      expect(Math.abs(logE - Math.log(theirs.evalue))).toBeLessThan(rounding);
    }
  });

  it('some of the regions hold several domains, which are resolved by sampled paths', async () => {
    const hits = hitsOf(await read(cases[0]!.profile), cases[0]!.targets);
    expect(hits.filter(({ clustered }) => clustered > 0).length).toBeGreaterThan(2);
  });

  it('domains are the same, and aligned the same way', async () => {
    const hits = hitsOf(await read(golden.profile), golden.targets);
    for (const theirs of golden.hits) {
      const ours = hits.find(({ id }) => id === theirs.id)!;
      for (const domain of theirs.domains) {
        const one = ours.domains.find(
          ({ from, nodeFrom }) => from === domain.from && nodeFrom === domain.nodeFrom,
        );
        expect(one, `${theirs.id} ${domain.from}`).toBeDefined();
        const { nodeTo, to, envelopeFrom, envelopeTo } = domain;
        expect(one).toMatchObject({ nodeTo, to, envelopeFrom, envelopeTo });
        expect(Math.abs(one!.score - domain.score)).toBeLessThan(rounding);
        expect(one!.alignment.model).toBe(domain.model);
        expect(one!.alignment.agreement).toBe(domain.agreement);
        expect(one!.alignment.target).toBe(domain.target);
        expect(digitsApart(one!.alignment.posterior, domain.posterior)).toBeLessThanOrEqual(1);
      }
    }
  });

  it('tables are the same, to the byte', async () => {
    const profile = await read(golden.profile);
    const hits = hitsOf(profile, golden.targets);
    const query = { name: profile.name, length: profile.nodes };
    const rows = reportHits(hits, golden.targets.length).map((hit) => ({
      query,
      target: { name: hit.id, length: hit.length },
      hit,
    }));
    expect(targetTable(rows)).toEqual(golden.tblout);
    expect(domainTable(rows)).toEqual(golden.domtblout);
  });
});

/** Bits that scores may differ by: HMMER computes with 32 bits. */
const rounding = 0.01;

/** Tenths may round to either side. */
const digitsApart = (one: string, other: string) =>
  one.length === other.length
    ? Math.max(...Array.from(one, (c, i) => Math.abs(tenths(c) - tenths(other[i]!))))
    : Number.POSITIVE_INFINITY;
const tenths = (c: string) => (c === '*' ? 10 : c === '.' ? -10 : Number(c));

describe('HMMER and the places of a profile', () => {
  it('matches in a long sequence are found on both strands, as nhmmer does', async () => {
    const golden = cases[1]!;
    const profile = await read(golden.profile);
    const { search, window, counts } = openWindowSearch(profile);
    const { text, hits } = golden.long!;
    const found = search({ id: 'long', codes: encodeSequence(text, profile.alphabet) });
    const reported = reportWindows(found, { residues: counts.residues, window });
    const sure = reported.filter(({ evalue }) => evalue < 1e-3);
    const theirs = hits.filter(({ evalue }) => evalue < 1e-3);
    const place = ({ strand, from, to, nodeFrom, nodeTo }: (typeof hits)[number] | (typeof sure)[number]) =>
      `${strand} ${from}-${to} ${nodeFrom}-${nodeTo}`;
    expect(sure.map(place).sort()).toEqual(theirs.map(place).sort());
    expect(new Set(sure.map(({ strand }) => strand)).size).toBe(2);
    for (const hit of theirs) {
      const ours = sure.find((one) => place(one) === place(hit))!;
      expect(Math.abs(ours.score - hit.score)).toBeLessThan(0.02);
      expect(ours.envelopeFrom).toBe(hit.envelopeFrom);
      expect(ours.envelopeTo).toBe(hit.envelopeTo);
      expect(Math.abs(Math.log(ours.evalue / hit.evalue))).toBeLessThan(0.02);
      expect(ours.alignment.target).toBe(hit.target);
    }
  });

  it('one strand finds what both do on it', async () => {
    const golden = cases[1]!;
    const profile = await read(golden.profile);
    const codes = encodeSequence(golden.long!.text, profile.alphabet);
    const on = (strand: 'both' | 'plus' | 'minus') =>
      openWindowSearch(profile, { strand }).search({ id: 'long', codes });
    expect([...on('plus'), ...on('minus')]).toEqual(on('both'));
    const other = openWindowSearch(profile, { strand: 'minus' });
    const turned = other.search({ id: 'long', codes: reverseComplementCodes(codes, profile.alphabet) });
    expect(turned.map(({ score }) => score)).toEqual(on('plus').map(({ score }) => score));
    expect(turned.map(({ from }) => codes.length + 1 - from)).toEqual(on('plus').map(({ from }) => from));
  });

  it.each([
    ['all', false],
    ['trimmed', true],
  ] as const)('sequences are aligned as hmmalign does: %s', async (name, trim) => {
    const golden = cases[0]!;
    const profile = await read(golden.profile);
    const sequences = golden.targets.map(({ id, text }) => ({
      id,
      codes: encodeSequence(text, profile.alphabet),
    }));
    const { rows, reference, posteriorConsensus } = alignToProfile(profile, sequences, { trim });
    const lines = golden.aligned![name].map((line) => line.split(/\s+/));
    /** What follows these words on a line. */
    const following = (...start: string[]) =>
      lines.find((line) => start.every((word, i) => line[i] === word))![start.length]!;
    expect(reference).toBe(following('#=GC', 'RF'));
    let [same, letters] = [0, 0];
    for (const { id, text, posterior } of rows) {
      expect(text).toBe(following(id));
      letters += posterior.length;
      same += [...following('#=GR', id, 'PP')].filter((digit, c) => digit === posterior[c]).length;
    }
    // A tenth may round to either side; a row of hundreds of digits has next to none that do.
    expect(same / letters).toBeGreaterThan(0.999);
    expect(digitsApart(posteriorConsensus, following('#=GC', 'PP_cons'))).toBeLessThanOrEqual(1);
  });
});
