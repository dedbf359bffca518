import { parameterList } from '../../nn/module.ts';
import { booleanField, type Field, fieldError, listField, readConfig, textField, within } from '../fields.ts';
import { marksGraph } from '../marks/graph.ts';
import { marksNetwork } from '../marks/network.ts';
import { type Mark, type MarksSpec, type MarksTrack, most } from '../marks/spec.ts';
import { alphabetMetadata, readAlphabet } from './alphabet.ts';
import type { ModelKind } from './kind.ts';

/**
 * Several marks of every bin of a sequence. `model.onnx` has the inputs `tokens` int32 [batch, bins, letters of a bin], `lengths` int32
 * [batch] (bins of each window) and, where tracks are read, `tracks` float32 [batch, bins, tracks], scaled as
 * `seqwright.tracks` says; its output is `predictions` float32 [batch, bins, marks]: probabilities of binary marks, and values of signals in the
 * unit of their track. What it says of padding means nothing.
 */
export const marks: ModelKind<MarksSpec> = {
  what: 'a model of marks along sequences',
  verbs: 'seqwright predict and seqwright evaluate',
  readSpec: (field) => ({
    kind: 'marks',
    architecture: textField(within(field, 'architecture'), { max: 100 }),
    config: readConfig(within(field, 'config')),
    alphabet: readAlphabet(within(field, 'alphabet')),
    tracks: named(within(field, 'tracks'), 0, most.tracks, readTrack),
    marks: named(within(field, 'marks'), 1, most.marks, readMark),
    bin: count(within(field, 'bin'), 1, most.bin),
    core: count(within(field, 'core'), 1, most.bins),
    flank: count(within(field, 'flank'), 0, most.bins),
  }),
  completeSpec: (spec) => ({ ...spec, config: marksNetwork(spec).config }),
  parameters: (spec) => parameterList(marksNetwork(spec)),
  onnx: marksGraph,
  /**
   * `seqwright.marks` and `seqwright.tracks`, JSON lists in the order of the columns: name and kind of each mark; name of each track
   * and how it is scaled, (value − mean) / deviation, or of ln(1 + value) where `log` is true; `seqwright.bin`, letters in a bin; `seqwright.core` and
   * `seqwright.flank`, bins of a window that are answered and of context at either side; and the alphabet as of other models of letters.
   */
  metadata: ({ marks, tracks, bin, core, flank, alphabet }) => ({
    'seqwright.marks': JSON.stringify(marks.map(({ name, kind }) => ({ name, kind }))),
    'seqwright.tracks': JSON.stringify(tracks),
    'seqwright.bin': String(bin),
    'seqwright.core': String(core),
    'seqwright.flank': String(flank),
    ...alphabetMetadata(alphabet),
  }),
};

function named<T extends { name: string }>(
  field: Field,
  least: number,
  largest: number,
  read: (item: Field) => T,
): T[] {
  const all = listField(field, least, read);
  if (all.length > largest) throw fieldError(field, `at most ${largest} entries`);
  if (new Set(all.map(({ name }) => name)).size < all.length) throw fieldError(field, 'names that differ');
  return all;
}

function count(field: Field, least: number, largest: number): number {
  const { value } = field;
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > largest)
    throw fieldError(field, `a whole number from ${least} to ${largest}`);
  return value as number;
}

function number(field: Field, expected: string, fits: (value: number) => boolean): number {
  const { value } = field;
  if (typeof value !== 'number' || !Number.isFinite(value) || !fits(value)) throw fieldError(field, expected);
  return value;
}

const positive = (field: Field) => number(field, 'a number above 0', (x) => x > 0);

const readTrack = (field: Field): MarksTrack => ({
  name: textField(within(field, 'name')),
  log: booleanField(within(field, 'log')),
  mean: number(within(field, 'mean'), 'a number', () => true),
  deviation: positive(within(field, 'deviation')),
});

function readMark(field: Field): Mark {
  const name = textField(within(field, 'name'));
  const kind = within(field, 'kind');
  if (kind.value === 'signal') return { name, kind: 'signal', mean: positive(within(field, 'mean')) };
  if (kind.value !== 'binary') throw fieldError(kind, 'binary or signal');
  const share = number(within(field, 'share'), 'a share between 0 and 1', (x) => x > 0 && x < 1);
  return { name, kind: 'binary', share, weight: positive(within(field, 'weight')) };
}
