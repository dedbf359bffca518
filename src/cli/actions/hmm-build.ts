import { basename } from 'node:path';
import { dataError, usageError } from '../../core/errors.ts';
import type { Alignment } from '../../data/alignment/alignment.ts';
import { alignments } from '../../data/alignment/alignments.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { openSource } from '../../data/source.ts';
import { customProfileAlphabet, profileAlphabet } from '../../markov/profile/alphabet.ts';
import { type BuildOptions, buildProfile } from '../../markov/profile/build/build-profile.ts';
import type { ProfileAlignment } from '../../markov/profile/build/columns.ts';
import type { Cutoffs, ProfileHmm } from '../../markov/profile/profile-hmm.ts';
import { hmmerText } from '../../markov/profile/write-hmmer.ts';
import { openMessages } from '../messages.ts';
import type { HmmBuildArguments } from '../verbs/hmm.ts';

/** Builds a profile from each alignment of a file. */
export async function hmmBuild(path: string, args: HmmBuildArguments): Promise<void> {
  const messages = openMessages(args);
  const options = buildOptions(args);
  const { chunks, name } = openSource(path);
  async function* profiles() {
    let count = 0;
    for await (const alignment of alignments(chunks, { name })) {
      if (++count > 1 && args.name !== undefined)
        throw usageError(`--name is for one alignment; ${name} holds several. Leave --name out.`);
      const profile = buildProfile(profileAlignment(alignment, name, count), options);
      messages.say(summary(profile, alignment));
      yield hmmerText(profile);
    }
  }
  await atomicWrite(args.output, profiles());
}

function buildOptions(args: HmmBuildArguments): BuildOptions {
  const { name, alphabet, letters, hand, symfrac, fragthresh, weights, effective, bits, priors, seed } = args;
  if (alphabet !== undefined && letters !== undefined)
    throw usageError('--alphabet and --letters both say what the letters are. Leave one out.');
  const known =
    letters !== undefined ? customProfileAlphabet(letters) : alphabet && profileAlphabet(alphabet);
  return {
    ...(known && { alphabet: known }),
    ...(name !== undefined && { name }),
    ...(bits !== undefined && { target: bits }),
    columns: hand ? 'hand' : 'symfrac',
    ...{ symfrac, fragment: fragthresh, weights, effective, priors, seed },
  };
}

/** What a profile takes over of an alignment: Stockholm's ID, AC, DE, GA, TC, NC, RF, MM, SS_cons and WT. */
function profileAlignment(alignment: Alignment, file: string, count: number): ProfileAlignment {
  const { rows, columns, notes = [] } = alignment;
  const note = (tag: string) => notes.find(([of]) => of === tag)?.[1];
  const stem = basename(file === 'stdin' ? 'profile' : file).replace(/(\.[^.]+?)(\.gz)?$/, '');
  const optional = {
    accession: note('AC'),
    description: note('DE'),
    reference: columns.RF,
    mask: columns.MM,
    structure: columns.SS_cons,
    cutoffs: cutoffsOf(note, file),
  };
  return {
    name: alignment.name ?? (count > 1 ? `${stem}-${count}` : stem),
    rows: rows.map(({ id, text, notes: about = [] }) => {
      const weight = about.find(([tag]) => tag === 'WT')?.[1];
      return { id, text, ...(weight !== undefined && { weight: Number(weight) }) };
    }),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}

function cutoffsOf(note: (tag: string) => string | undefined, file: string): Cutoffs | undefined {
  const cutoffs: Cutoffs = {};
  for (const tag of ['GA', 'TC', 'NC'] as const) {
    const text = note(tag);
    if (text === undefined) continue;
    const [sequence = Number.NaN, domain = sequence] = text.match(/[-+.\d]+/g)?.map(Number) ?? [];
    if (Number.isNaN(sequence + domain))
      throw dataError(`${file}: #=GF ${tag} is "${text}"; expected one or two scores, such as 25.00 25.00;`);
    cutoffs[tag] = [sequence, domain];
  }
  return Object.keys(cutoffs).length > 0 ? cutoffs : undefined;
}

const summary = ({ name, nodes, sequences, effective, alphabet }: ProfileHmm, { rows }: Alignment) =>
  `${name}: ${nodes} nodes from ${rows[0]!.text.length} columns of ${sequences} rows (${alphabet.name}), worth ${effective!.toFixed(2)} sequences.`;
