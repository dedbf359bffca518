import { atomicWrite } from '../../data/atomic-write.ts';
import { skipCounter, skippedSentence } from '../../data/dataset.ts';
import { loadModelOf } from '../../models/load-model.ts';
import { type TaggingInput, taggingInput } from '../../train/tasks/tagging-input.ts';
import { openTagger, type Tagger } from '../../train/tasks/tagging-predict.ts';
import { openMessages } from '../messages.ts';
import type { TagArguments } from '../verbs/tag.ts';
import { deviceFor } from './device.ts';
import { type TaggedLine, tagFormat, tagLines } from './tag-lines.ts';
import { taggerThreads } from './tagging-settings.ts';

/** Tags sequence by sequence as they are read, and writes as it goes. */
export async function tag(directory: string, path: string, args: TagArguments): Promise<void> {
  const messages = openMessages(args);
  const { output, batchSize, best, track, ambiguous, inputFormat } = args;
  const model = await loadModelOf('tagger', directory);
  const { spec } = model;
  const format = tagFormat(output, args.json ? 'jsonl' : args.format, spec, track);
  const skipped = skipCounter('ambiguous letters');
  const { word, id, sequence } = args;
  const inputs = taggingInput(path, spec.input, {
    format: inputFormat,
    word,
    id,
    sequence,
    ambiguous,
    skipped,
  });
  const tagger = await openTagger(model, {
    device: await deviceFor(args.device, messages),
    threads: taggerThreads(args.threads, spec.config),
    batchSize,
    best: format === 'jsonl' ? best : 1,
    worker: true,
  });
  try {
    await atomicWrite(output, tagLines(spec, besideInput(tagger, inputs), { format, track }));
  } finally {
    await tagger.close();
  }
  const sentence = ambiguous === 'skip' ? skippedSentence(skipped) : undefined;
  if (sentence) messages.say(sentence);
}

/** Results beside what they came from: both have one order. */
async function* besideInput(
  tagger: Tagger,
  inputs: AsyncIterable<TaggingInput>,
): AsyncGenerator<TaggedLine, void, undefined> {
  const waiting: TaggingInput[] = [];
  async function* remembered() {
    for await (const input of inputs) {
      waiting.push(input);
      yield input;
    }
  }
  for await (const tagged of tagger.tag(remembered())) yield { input: waiting.shift()!, tagged };
}
