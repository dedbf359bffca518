import { usageError } from '../../core/errors.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { openForced } from '../../models/translator/forced.ts';
import { translatorNetwork, translatorSizes } from '../../models/translator/network.ts';
import type { TrainedTranslator } from '../../models/translator/scorer.ts';
import { readTexts } from '../../train/tasks/translation-data.ts';
import { openTranslator, type Translated } from '../../train/tasks/translation-decode.ts';
import type { Messages } from '../messages.ts';
import { type PairArguments, type WritingArguments, writingSettings } from '../translation-options.ts';
import type { PredictArguments } from '../verbs/predict.ts';
import { deviceFor } from './device.ts';
import { translatorThreads } from './translation-settings.ts';

/** Translates text by text as they are read, and writes as it goes. */
export async function predictTranslation(
  { directory, model }: { directory: string; model: TrainedTranslator },
  path: string,
  args: PredictArguments & PairArguments & WritingArguments,
  messages: Messages,
): Promise<void> {
  const { output, id, source, batchSize, attention = false } = args;
  if (attention && !translatorNetwork(model.spec).attends)
    throw usageError(
      `${directory} has no attention. Leave --attention out, or train with attention additive or dot.`,
    );
  const where = {
    device: await deviceFor(args.device, messages),
    threads: translatorThreads(args.threads, model.spec.config),
    worker: true,
  };
  const translator = await openTranslator(model, where);
  const looked = attention ? await openForced(model.spec, model.weights, where) : undefined;
  const texts = readTexts(path, { ...(id && { id }), ...(source && { source }) });
  const format = args.format ?? (/\.jsonl?(\.gz)?$/.test(output) ? 'jsonl' : 'tsv');
  const end = translatorSizes(model.spec).writes - 1;
  /** For each target token, the place of the source token that it looked at most; 1 is the first, 0 the source's end. */
  const alignment = async ({ sourceTokens, tokens, ended }: Translated) => {
    const target = Int32Array.of(...tokens, ...(ended ? [end] : []));
    const [weights] = await looked!.attention([{ source: sourceTokens, target }]);
    const width = sourceTokens.length + 1;
    return Array.from(tokens, (_, t) => {
      const row = Array.from(weights!.subarray(t * width, (t + 1) * width));
      const most = row.indexOf(Math.max(...row));
      return most === sourceTokens.length ? 0 : most + 1;
    });
  };
  async function* lines(): AsyncGenerator<string> {
    if (format === 'tsv')
      yield `${['id', 'prediction', 'logProbability', 'ended', ...(attention ? ['attention'] : [])].join('\t')}\n`;
    for await (const translated of translator.translate(texts, { ...writingSettings(args), batchSize })) {
      const { id: name, translation, logProbability, ended } = translated;
      const log = Number(logProbability.toPrecision(6));
      const places = looked && (await alignment(translated));
      yield format === 'tsv'
        ? `${[name, translation, `${log}`, ended ? 'yes' : 'no', ...(places ? [places.join(',')] : [])].map(cell).join('\t')}\n`
        : `${JSON.stringify({ id: name, prediction: translation, logProbability: log, ended, attention: places })}\n`;
    }
  }
  try {
    await atomicWrite(output, lines());
  } finally {
    await translator.close();
    await looked?.close();
  }
}

/** Cells that would break the table are quoted, as table readers expect (RFC 4180). */
const cell = (text: string) => (/[\t\r\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
