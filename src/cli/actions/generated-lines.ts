import { fastaText } from '../../data/fasta/fasta-text.ts';
import type { Decoded } from '../../decode/decoding.ts';
import { type LanguageSpec, languageSpelling, tokenizerOf } from '../../models/language/spec.ts';

/** How generated sequences are written. */
export type GeneratedFormat = 'fasta' | 'text' | 'tsv' | 'jsonl';

/** Whether all that a model writes are letters that FASTA holds. */
export const isLetters = (spec: Pick<LanguageSpec, 'tokenizer'>): boolean =>
  languageSpelling(spec).spelling.every((text) => /^[A-Z*-]*$/i.test(text)) &&
  spec.tokenizer.kind !== 'words';

/** What stands between texts that may have line breaks of their own. */
const divider = '---\n';

/** Generated sequences as pieces of a file, in their order; `what` begins their ids. */
export async function* generatedLines(
  sequences: AsyncIterable<Decoded>,
  { format, what }: { format: GeneratedFormat; what: string },
): AsyncGenerator<string> {
  if (format === 'tsv') yield 'id\tlogProbability\tended\tsequence\n';
  let number = 0;
  for await (const { sequence, logProbability, ended } of sequences) {
    const id = `${what}${++number}`;
    switch (format) {
      case 'fasta': {
        const description = `logProbability=${logProbability.toFixed(4)}${ended ? ' ended' : ''}`;
        yield* fastaText([{ id, description, sequence }]);
        break;
      }
      case 'text':
        yield `${number > 1 ? divider : ''}${sequence}\n`;
        break;
      case 'tsv':
        yield `${id}\t${logProbability.toFixed(4)}\t${ended}\t${escaped(sequence)}\n`;
        break;
      case 'jsonl':
        yield `${JSON.stringify({ id, logProbability, ended, sequence })}\n`;
    }
  }
}

/** A cell of a table has neither tabs nor line breaks. */
const escaped = (text: string) =>
  text.replace(/[\\\t\n\r]/g, (c) => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' })[c]!);

/** One text, piece by piece as it is drawn, a line break behind it. */
export async function* shownAsDrawn(
  spec: Pick<LanguageSpec, 'tokenizer'>,
  prompt: string,
  draw: (onToken: (token: number) => void) => AsyncIterable<Decoded>,
): AsyncGenerator<string> {
  const tokenizer = tokenizerOf(spec);
  const tokens = Array.from(tokenizer.encode(prompt));
  let [shown, over] = [0, false];
  let wake = () => {};
  let last: Decoded | undefined;
  const finished = (async () => {
    const onToken = (token: number) => {
      // The end spells nothing.
      if (token < tokenizer.size) tokens.push(token);
      wake();
    };
    for await (const drawn of draw(onToken)) last = drawn;
  })().finally(() => {
    over = true;
    wake();
  });
  // Nothing is shown before the first token: until then the constraints may turn out impossible.
  while (!over) {
    await new Promise<void>((resolve) => (wake = resolve));
    // Where a character's bytes are not all there yet, they wait.
    const text = tokenizer.decode(tokens).replace(/\ufffd+$/, '');
    if (over || text.length <= shown) continue;
    yield text.slice(shown);
    shown = text.length;
  }
  await finished;
  yield `${last!.sequence.slice(shown)}\n`;
}
