import { dataError } from '../../core/errors.ts';
import { customProfileAlphabet, type ProfileAlphabet, profileAlphabet } from './alphabet.ts';
import { type Line, lineReader, type NextLine } from './lines.ts';
import type { Cutoffs, ProfileHmm, ProfileStatistics, Tail } from './profile-hmm.ts';

/** Profiles longer than this are taken for a damaged file: HMMER's own limit of model length. */
const longest = 100_000;

/** A reader's place: errors name file and line. */
interface Reading {
  next: NextLine;
  fail(line: Line | undefined, message: string): never;
}

/**
 * Reads profiles from HMMER3/f text (HMMER User's Guide, "HMMER profile HMM files"), one at a time, from bytes
 * in pieces of any size. Header lines that we do not know are kept as they stand.
 *
 * Throws a data error with `name` and line for: another format or version, a file that ends within a profile,
 * a line with too few or impossible numbers, a length that does not hold.
 * @example
 * for await (const profile of readHmmer([bytes], { name: 'globins4.hmm' })) console.log(profile.name, profile.nodes);
 */
export async function* readHmmer(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { name = 'input' } = {},
): AsyncGenerator<ProfileHmm, void, undefined> {
  const reading: Reading = {
    next: lineReader(chunks),
    fail(line, message) {
      throw dataError(line ? `${name}:${line.number}: ${message}` : `${name}: ${message}`);
    },
  };
  let found = 0;
  for (;;) {
    const line = await reading.next();
    if (!line) break;
    if (line.text.trim() === '') continue;
    yield await readOne(line, reading);
    found++;
  }
  if (found === 0) reading.fail(undefined, 'is empty; expected a HMMER3/f profile.');
}

async function readOne(first: Line, reading: Reading): Promise<ProfileHmm> {
  const [, version, , writer] = /^(HMMER\S*)(\s+\[(.*)\])?\s*$/.exec(first.text) ?? [];
  if (version !== 'HMMER3/f') refuseFormat(first, version, reading);
  const header = await readHeader(reading);
  const profile = emptyProfile(header);
  if (writer !== undefined) profile.writer = writer;
  await readNodes(profile, header, reading);
  return profile;
}

function refuseFormat(line: Line, version: string | undefined, { fail }: Reading): never {
  if (version === undefined)
    return fail(
      line,
      `expected a profile that begins with "HMMER3/f"; found ${JSON.stringify(line.text.slice(0, 40))}. Build one with seqwright hmm build.`,
    );
  return fail(
    line,
    `this profile is of format ${version}; expected HMMER3/f. Convert it with HMMER's hmmconvert, or build it again from its alignment.`,
  );
}

interface Header {
  name: string;
  nodes: number;
  alphabet: ProfileAlphabet;
  has: Record<'RF' | 'MM' | 'CONS' | 'CS' | 'MAP', boolean>;
  rest: Partial<ProfileHmm>;
}

async function readHeader(reading: Reading): Promise<Header> {
  const values = new Map<string, [value: string, line: Line]>();
  const otherLines: string[] = [];
  const statistics: Partial<Record<string, Tail>> = {};
  for (;;) {
    const line = await reading.next();
    if (!line) return reading.fail(undefined, 'ends within the header of a profile; the file is truncated.');
    const [, tag = '', value = ''] = /^(\S+)\s*(.*?)\s*$/.exec(line.text) ?? [];
    if (tag === 'HMM') return finishHeader(values, otherLines, statistics, line, value, reading);
    if (tag === '//')
      reading.fail(
        line,
        'the profile ends before its probabilities; expected a line "HMM" with the letters.',
      );
    if (tag === 'STATS') readStatistics(value, line, statistics, reading);
    else if (knownTags.has(tag)) values.set(tag, [value, line]);
    else if (tag !== '') otherLines.push(line.text);
  }
}

const knownTags = new Set(
  'NAME ACC DESC LENG MAXL ALPH RF MM CONS CS MAP DATE NSEQ EFFN CKSUM GA TC NC'.split(' '),
);

function readStatistics(
  value: string,
  line: Line,
  statistics: Partial<Record<string, Tail>>,
  { fail }: Reading,
): void {
  const [scope, kind = '', location, lambda, more] = value.split(/\s+/);
  const tail = { location: Number(location), lambda: Number(lambda) };
  const fine =
    scope === 'LOCAL' &&
    ['MSV', 'VITERBI', 'FORWARD'].includes(kind) &&
    Number.isFinite(tail.location) &&
    tail.lambda > 0 &&
    more === undefined;
  if (!fine) fail(line, `expected "STATS LOCAL MSV|VITERBI|FORWARD location lambda"; found "${line.text}".`);
  statistics[kind.toLowerCase()] = tail;
}

function finishHeader(
  values: Map<string, [string, Line]>,
  otherLines: string[],
  statistics: Partial<Record<string, Tail>>,
  hmm: Line,
  lettersText: string,
  reading: Reading,
): Header {
  const text = (tag: string) => values.get(tag)?.[0];
  const number = (tag: string, test: (n: number) => boolean, expected: string): number | undefined => {
    const found = values.get(tag);
    if (!found) return undefined;
    const n = Number(found[0]);
    return found[0] !== '' && test(n)
      ? n
      : reading.fail(found[1], `${tag} is "${found[0]}"; expected ${expected}.`);
  };
  const whole = (n: number) => Number.isSafeInteger(n) && n >= 0;
  const required = (tag: string): never => reading.fail(hmm, `the header has no line ${tag}.`);
  const nodes =
    number('LENG', (n) => whole(n) && n > 0 && n <= longest, `a whole number from 1 to ${longest}`) ??
    required('LENG');
  const has = Object.fromEntries(
    (['RF', 'MM', 'CONS', 'CS', 'MAP'] as const).map((tag) => [tag, text(tag)?.toLowerCase() === 'yes']),
  ) as Header['has'];
  const rest: Partial<ProfileHmm> = { otherLines };
  const put = <K extends keyof ProfileHmm>(key: K, value: ProfileHmm[K] | undefined) => {
    if (value !== undefined) rest[key] = value;
  };
  put('accession', text('ACC'));
  put('description', text('DESC'));
  put('date', text('DATE'));
  put('maxLength', number('MAXL', whole, 'a whole number'));
  put('sequences', number('NSEQ', whole, 'a whole number'));
  put(
    'effective',
    number('EFFN', (n) => n >= 0, 'a number of at least 0'),
  );
  put(
    'checksum',
    number('CKSUM', (n) => whole(n) && n < 2 ** 32, 'a whole number below 2^32'),
  );
  put('cutoffs', readCutoffs(values, reading));
  if (statistics.msv && statistics.viterbi && statistics.forward)
    rest.statistics = statistics as unknown as ProfileStatistics;
  const letters = lettersText.replaceAll(/\s+/g, '');
  return {
    name: text('NAME') ?? required('NAME'),
    nodes,
    alphabet: readAlphabet(values.get('ALPH') ?? required('ALPH'), letters, hmm, reading),
    has,
    rest,
  };
}

function readCutoffs(values: Map<string, [string, Line]>, { fail }: Reading): Cutoffs | undefined {
  const cutoffs: Cutoffs = {};
  for (const tag of ['GA', 'TC', 'NC'] as const) {
    const found = values.get(tag);
    if (!found) continue;
    const [sequence = Number.NaN, domain = sequence] = found[0]
      .split(/[\s;]+/)
      .filter((word) => word !== '')
      .map(Number);
    if (Number.isNaN(sequence + domain)) fail(found[1], `expected one or two scores; found "${found[0]}".`);
    cutoffs[tag] = [sequence, domain];
  }
  return Object.keys(cutoffs).length > 0 ? cutoffs : undefined;
}

function readAlphabet([name, line]: [string, Line], letters: string, hmm: Line, { fail }: Reading) {
  const known = profileAlphabet(name);
  if (!known && name.toLowerCase() !== 'custom')
    fail(line, `ALPH is "${name}"; expected amino, DNA, RNA or custom.`);
  if (known && letters !== known.letters)
    fail(hmm, `the letters of ${name} are ${known.letters}; this line has "${letters}".`);
  return known ?? customProfileAlphabet(letters);
}

function emptyProfile({ name, nodes, alphabet, rest }: Header): ProfileHmm {
  const match = new Float64Array((nodes + 1) * alphabet.size);
  match[0] = 1;
  return {
    name,
    alphabet,
    nodes,
    match,
    insert: new Float64Array((nodes + 1) * alphabet.size),
    transitions: new Float64Array((nodes + 1) * 7),
    ...rest,
  };
}

async function readNodes(profile: ProfileHmm, { has }: Header, reading: Reading): Promise<void> {
  const { nodes, alphabet, match, insert, transitions } = profile;
  const { size } = alphabet;
  const body = async (what: string): Promise<[string[], Line]> => {
    const line = await reading.next();
    if (!line || line.text.startsWith('//'))
      return reading.fail(
        line,
        `the profile ends before ${what}; LENG promised ${nodes} nodes. The file is truncated.`,
      );
    return [line.text.trim().split(/\s+/), line];
  };
  const numbers = (words: string[], line: Line, count: number, into: Float64Array, at: number) => {
    if (words.length !== count) reading.fail(line, `expected ${count} numbers; found ${words.length}.`);
    words.forEach((word, i) => {
      const value = word === '*' ? Number.POSITIVE_INFINITY : Number(word);
      if (!(value >= 0)) reading.fail(line, `"${word}" is no negative logarithm of a probability.`);
      into[at + i] = Math.exp(-value);
    });
  };
  await body('its transitions'); // The names of the columns.
  let [words, line] = await body('node 0');
  if (words[0] === 'COMPO') {
    profile.composition = new Float64Array(size);
    numbers(words.slice(1), line, size, profile.composition, 0);
    [words, line] = await body('node 0');
  }
  const notes = annotationColumns(profile, has, reading);
  for (let k = 0; k <= nodes; k++) {
    if (k > 0) {
      [words, line] = await body(`node ${k}`);
      if (words[0] !== String(k)) reading.fail(line, `expected node ${k}; found "${words[0]}".`);
      numbers(words.slice(1, size + 1), line, size, match, k * size);
      notes.read(words.slice(size + 1), line, k);
      [words, line] = await body(`node ${k}'s inserts`);
    }
    numbers(words, line, size, insert, k * size);
    [words, line] = await body(`node ${k}'s transitions`);
    numbers(words, line, 7, transitions, k * 7);
  }
  notes.finish();
  const end = await reading.next();
  if (end?.text.trim() !== '//')
    reading.fail(end, `expected "//" after node ${nodes}, which LENG said is the last.`);
}

/** The columns after the probabilities: map, consensus, reference, mask, structure. */
function annotationColumns(profile: ProfileHmm, has: Header['has'], { fail }: Reading) {
  const columns = ['CONS', 'RF', 'MM', 'CS'] as const;
  const texts = { CONS: '', RF: '', MM: '', CS: '' };
  const map = new Int32Array(profile.nodes + 1);
  return {
    read(words: string[], line: Line, k: number) {
      if (words.length !== 5) fail(line, `expected 5 columns after the numbers; found ${words.length}.`);
      if (has.MAP) map[k] = Number(words[0]);
      if (has.MAP && !(map[k]! > 0)) fail(line, `expected a column of the alignment; found "${words[0]}".`);
      columns.forEach((column, i) => {
        texts[column] += words[i + 1]!.charAt(0);
      });
    },
    finish() {
      if (has.MAP) profile.map = map;
      if (has.CONS) profile.consensus = texts.CONS;
      if (has.RF) profile.reference = texts.RF;
      if (has.MM) profile.mask = texts.MM;
      if (has.CS) profile.structure = texts.CS;
    },
  };
}
