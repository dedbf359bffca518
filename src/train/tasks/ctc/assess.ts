import { dataError } from '../../../core/errors.ts';
import type { Model } from '../../../models/model.ts';
import { transcriberNetwork } from '../../../models/transcriber/network.ts';
import { type TranscriberSpec, targetTokenizer } from '../../../models/transcriber/spec.ts';
import type { CompileOptions } from '../../../runtime/compile.ts';
import type { Metrics } from '../../metrics/evaluation.ts';
import { baselineTranscriptions } from './baselines.ts';
import {
  calledRecord,
  type TranscribedRecording,
  type TranscriptionData,
  transcriptionSubset,
} from './data.ts';
import { editAlignment } from './edits.ts';
import { type Example, examplesOf, isAlignable, textEncoder } from './encode.ts';
import { openTranscriptionJudge } from './loss.ts';
import { type SymbolJudgement, type TranscriptionMetricOptions, transcriptionMetrics } from './metrics.ts';
import { openTranscriber, type Transcribed, type TranscribeOptions } from './transcribe.ts';

/** What becomes of records whose transcription holds what the model cannot write: it counts as wrong, is refused, or is left out. */
export type UnknownPolicy = 'mask' | 'error' | 'skip';

/** What a transcriber is held against, how it decodes, and where it runs. */
export interface TranscriptionAssessOptions extends CompileOptions, TranscriptionMetricOptions {
  /** What it was trained on: for simple methods. */
  train?: TranscriptionData | undefined;
  decode?: TranscribeOptions;
  unknown?: UnknownPolicy;
}

/** What is found out about a transcriber on held-out records. */
export interface TranscriptionAssessment {
  /** The records that were assessed, and what was written for each. */
  readonly data: TranscriptionData;
  readonly transcriptions: readonly Transcribed[];
  /** See `transcriptionMetrics`; and crossEntropy, the mean −ln P for each token of the truth, where it is defined. */
  readonly metrics: Metrics;
  /** Metrics of simple methods on the same records. */
  readonly baselines: Record<string, Metrics>;
  /** Every token that was written with its confidence, and whether it was right. */
  readonly symbols: SymbolJudgement;
  /** Records that hold tokens which the model cannot write, and why. */
  readonly unknown: readonly { readonly record: TranscribedRecording; readonly why: string }[];
  /** Records that no alignment fits. */
  readonly unalignable: readonly TranscribedRecording[];
}

/**
 * Transcribes held-out records and compares with the truth, beside simple methods. Throws a data error for a record with tokens that the model
 * does not know, where they are to be refused, and where no record is left.
 */
export async function assessTranscriber(
  model: Pick<Model<TranscriberSpec>, 'spec' | 'weights'>,
  test: TranscriptionData,
  {
    train,
    decode,
    unknown: policy = 'mask',
    seed = 42,
    resamples,
    level = 0.95,
    ...where
  }: TranscriptionAssessOptions = {},
): Promise<TranscriptionAssessment> {
  const { data, unknown } = withKnownTokens(model.spec, test, policy);
  const transcriber = await openTranscriber(model, where);
  const transcriptions: Transcribed[] = [];
  try {
    for await (const found of transcriber.transcribe(data.records, decode)) transcriptions.push(found);
  } finally {
    await transcriber.close();
  }
  const references = data.records.map(({ text }) => writtenAs(model.spec, text));
  const groups = data.records.map(({ group }) => group);
  const options = {
    ...{ seed, resamples, level },
    ...(groups.every((group) => group !== undefined) && { groups: groups as string[] }),
    tokens: tokenSplitter(model.spec),
  };
  const symbols = judgedSymbols(transcriptions, references, options.tokens);
  const metrics = transcriptionMetrics(
    transcriptions.map(({ text }) => text),
    references,
    { ...options, symbols },
  );
  const simple = Object.entries(baselineTranscriptions(model.spec, data, train)).map(([name, texts]) => [
    name,
    transcriptionMetrics(texts, references, options),
  ]);
  const { crossEntropy, unalignable } = await surprise(model, data, where);
  return {
    ...{ data, transcriptions, symbols, unknown, unalignable },
    metrics: { ...metrics, ...(crossEntropy !== undefined && { crossEntropy: { value: crossEntropy } }) },
    baselines: Object.fromEntries(simple),
  };
}

/** Applies the policy for texts that hold what the model cannot write. */
function withKnownTokens(spec: TranscriberSpec, test: TranscriptionData, policy: UnknownPolicy) {
  const write = textEncoder(spec);
  const unknown = test.records.flatMap((record) => {
    const written = write(record.text);
    return 'unknown' in written ? [{ record, why: written.unknown }] : [];
  });
  if (policy === 'error' && unknown.length > 0) {
    const { record, why } = unknown[0]!;
    throw dataError(
      `${calledRecord(record)}: its transcription has what the model never saw and cannot write: ${why.split(';')[0]}. Correct it, or give --ambiguous mask to count it as wrong or skip to leave such records out.`,
    );
  }
  if (policy !== 'skip') return { data: test, unknown };
  const strange = new Set(unknown.map(({ record }) => record));
  const kept = test.records.map((_, i) => i).filter((i) => !strange.has(test.records[i]!));
  if (kept.length === 0)
    throw dataError('Every transcription holds what the model cannot write; nothing is left to evaluate.');
  return { data: transcriptionSubset(test, kept), unknown };
}

/** A reference with its white space as a tokenizer of words writes it; other texts stay as they are. */
function writtenAs(spec: TranscriberSpec, text: string): string {
  return targetTokenizer(spec).name === 'words' ? text.split(/\s+/u).filter(Boolean).join(' ') : text;
}

/** How texts fall into the tokens that the model writes; those with unknown ones fall into characters. */
function tokenSplitter(spec: TranscriberSpec): (text: string) => string[] {
  const tokenizer = targetTokenizer(spec);
  if (tokenizer.name === 'words') return (text) => text.split(/\s+/u).filter(Boolean);
  if (tokenizer.name === 'characters' || tokenizer.name === 'letters') return (text) => [...text];
  const write = textEncoder(spec);
  return (text) => {
    const written = write(text);
    return 'tokens' in written ? Array.from(written.tokens, (id) => tokenizer.token(id)) : [...text];
  };
}

/** Whether each written token is paired with the same one in the alignment to the truth. */
function judgedSymbols(
  transcriptions: readonly Transcribed[],
  references: readonly string[],
  tokens: (text: string) => string[],
): SymbolJudgement {
  const [confidences, right, record]: [number[], number[], number[]] = [[], [], []];
  transcriptions.forEach(({ text, tokens: written }, i) => {
    const split = tokens(text);
    const edits = split.length === written.length ? editAlignment(tokens(references[i]!), split) : undefined;
    for (const { truth, written: own, at } of edits ?? []) {
      if (own === undefined) continue;
      confidences.push(Math.min(1, written[at]!.confidence));
      right.push(Number(truth === own));
      record.push(i);
    }
  });
  return {
    confidences: Float64Array.from(confidences),
    right: Uint8Array.from(right),
    record: Int32Array.from(record),
  };
}

/** The mean −ln P for each token of the truth, over records for which it is defined, and those for which no alignment fits. */
async function surprise(
  { spec, weights }: Pick<Model<TranscriberSpec>, 'spec' | 'weights'>,
  data: TranscriptionData,
  where: CompileOptions,
) {
  const { stride } = transcriberNetwork(spec);
  const write = textEncoder(spec);
  const known = data.records.filter(({ text }) => 'tokens' in write(text));
  const examples = examplesOf(spec, { records: known });
  const fits = examples.map((example) => isAlignable(example, spec, stride));
  const judged = examples.filter((_, i) => fits[i]);
  const unalignable = known.filter((_, i) => !fits[i]);
  if (judged.length === 0) return { crossEntropy: undefined, unalignable };
  return { crossEntropy: await meanSurprise(spec, judged, weights, where), unalignable };
}

async function meanSurprise(
  spec: TranscriberSpec,
  examples: readonly Example[],
  weights: ReadonlyMap<string, Float32Array>,
  where: CompileOptions,
): Promise<number> {
  const judge = await openTranscriptionJudge(spec, examples, weights, where);
  try {
    return await judge.loss(weights);
  } finally {
    await judge.release();
  }
}
