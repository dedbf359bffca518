import { padBatch } from '../../../data/batch.ts';
import type { SpanSpec } from '../../../models/span/spec.ts';
import { spanVocabulary } from '../../../models/span/vocabulary.ts';
import type { HostTensor } from '../../../runtime/backend.ts';
import type { EncodedPassage } from './encode.ts';

type Feeds = Record<string, HostTensor>;

/** Where an answer begins and ends, in tokens, both included; null where there is none. */
export type TokenSpan = { readonly first: number; readonly last: number } | null;

/** Passages that are encoded once, ready to be fed in batches. */
export interface SpanFeeder {
  /** Tokens of each passage, with those of its question. */
  readonly lengths: Int32Array;
  /** The inputs of a span model's graph. */
  inputs(indices: Int32Array): Feeds;
}

/** Feeds encoded passages to a span model. */
export function spanFeeder(encoded: readonly EncodedPassage[], spec: SpanSpec): SpanFeeder {
  const { padding } = spanVocabulary(spec);
  const block = (rows: readonly Int32Array[], indices: Int32Array, fill: number) => {
    const { tokens, lengths, batch, time } = padBatch(rows, indices, fill);
    return {
      data: { dtype: 'int32', shape: [batch, time], data: tokens } as const,
      lengths: { dtype: 'int32', shape: [batch], data: lengths } as const,
    };
  };
  const column = (name: 'question' | 'passageMatches' | 'questionMatches') =>
    spec.question ? encoded.map((row) => row[name]!) : [];
  const passages = encoded.map(({ passage }) => passage);
  const [questions, passageMatches, questionMatches] = [
    column('question'),
    column('passageMatches'),
    column('questionMatches'),
  ];
  return {
    lengths: Int32Array.from(encoded, ({ passage, question }) => passage.length + (question?.length ?? 0)),
    inputs(indices) {
      const passage = block(passages, indices, padding);
      const own = { passage: passage.data, lengths: passage.lengths };
      if (!spec.question) return own;
      const question = block(questions, indices, padding);
      return {
        ...own,
        question: question.data,
        questionLengths: question.lengths,
        passageMatches: block(passageMatches, indices, 0).data,
        questionMatches: block(questionMatches, indices, 0).data,
      };
    },
  };
}

/** The truth of a batch as places among a model's pointers, int32 [batch] each: where "none" is an answer, it is place 0. */
export function spanTargets(
  spans: readonly TokenSpan[],
  indices: Int32Array,
  { optional }: Pick<SpanSpec, 'optional'>,
): Feeds {
  const place = (name: 'first' | 'last') =>
    Int32Array.from(indices, (i) => {
      const span = spans[i]!;
      return span === null ? 0 : span[name] + Number(optional);
    });
  const tensor = (data: Int32Array): HostTensor => ({ dtype: 'int32', shape: [data.length], data });
  return { first: tensor(place('first')), last: tensor(place('last')) };
}
