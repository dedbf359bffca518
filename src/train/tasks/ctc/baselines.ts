import { ngramCounts } from '../../../markov/ngram/counts.ts';
import { ngramModel } from '../../../markov/ngram/model.ts';
import { type TranscriberSpec, targetTokenizer } from '../../../models/transcriber/spec.ts';
import { observedLength, type Recording, type TranscriptionData } from './data.ts';
import { observationEncoder, textEncoder } from './encode.ts';

/** A way of transcribing that needs no network. */
type SimpleMethod = (recording: Recording) => string;

/**
 * What simple methods write for recordings: `empty`, nothing; and, of training data, `commonest`, the transcription that occurs most often; `ngram`, as
 * many of the tokens that a trigram model finds most probable as the length makes likely, whatever was observed; and of frames
 * `nearest`, what the most similar training record says, each averaged to sixteen moments.
 */
export function baselineTranscriptions(
  spec: TranscriberSpec,
  test: Pick<TranscriptionData, 'records'>,
  train: TranscriptionData | undefined,
): Record<string, string[]> {
  const methods: Record<string, SimpleMethod> = {
    empty: () => '',
    ...(train && { commonest: commonestText(train), ngram: likelyTokens(spec, train) }),
    ...(train && spec.input.kind === 'frames' && { nearest: nearestRecord(spec, train) }),
  };
  return Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [name, test.records.map((record) => method(record))]),
  );
}

function commonestText({ records }: TranscriptionData): SimpleMethod {
  const counts = new Map<string, number>();
  for (const { text } of records) counts.set(text, (counts.get(text) ?? 0) + 1);
  const [best] = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return () => best![0];
}

function likelyTokens(spec: TranscriberSpec, { records }: TranscriptionData): SimpleMethod {
  const tokenizer = targetTokenizer(spec);
  const write = textEncoder(spec);
  const counts = ngramCounts({ vocabulary: tokenizer.size, order: 2, begin: true });
  let [tokens, places] = [0, 0];
  for (const { text, observed } of records) {
    const written = write(text);
    if (!('tokens' in written)) continue;
    counts.add(written.tokens);
    tokens += written.tokens.length;
    places += observedLength(observed);
  }
  const model = ngramModel(counts);
  const text: number[] = [];
  return ({ observed }) => {
    const length = Math.round((observedLength(observed) * tokens) / places);
    while (text.length < length) {
      const next = model.distribution({ previous: text, fromBegin: true });
      text.push(next.indexOf(Math.max(...next)));
    }
    return tokenizer.decode(text.slice(0, length));
  };
}

/** Moments that a record is averaged to. */
const moments = 16;
/** More records do not make the nearest much nearer, only the search slower. */
const mostRecords = 5000;

function nearestRecord(spec: TranscriberSpec, train: TranscriptionData): SimpleMethod {
  const encode = observationEncoder(spec);
  const { length: width } = train.channels;
  const known = train.records
    .slice(0, mostRecords)
    .map(({ observed, text }) => ({ text, summary: summaryOf(encode(observed), width) }));
  return ({ observed }) => {
    const own = summaryOf(encode(observed), width);
    let [nearest, least] = ['', Number.POSITIVE_INFINITY];
    for (const { text, summary } of known) {
      let distance = 0;
      for (let i = 0; i < own.length && distance < least; i++) distance += (own[i]! - summary[i]!) ** 2;
      if (distance < least) [nearest, least] = [text, distance];
    }
    return nearest;
  };
}

/** Means of the frames of each of sixteen equal parts, then the logarithm of the length. */
function summaryOf(frames: ArrayLike<number>, width: number): Float64Array {
  const time = frames.length / width;
  const summary = new Float64Array(moments * width + 1);
  for (let m = 0; m < moments; m++) {
    const from = Math.floor((m * time) / moments);
    const to = Math.max(from + 1, Math.floor(((m + 1) * time) / moments));
    for (let t = from; t < to; t++)
      for (let c = 0; c < width; c++) summary[m * width + c]! += frames[t * width + c]! / (to - from);
  }
  summary[moments * width] = Math.log(time);
  return summary;
}
