import { randomStream } from '../../../core/random.ts';
import type { SpanData, SpanRecord } from './data.ts';

const bare = { sources: [], skipped: [], notes: [] } as const;

/**
 * DNA in which a span begins with GATTACA and ends with TTTCCC, 4 to 12 letters between; a share of the sequences has the beginning, or the end,
 * alone, and no span.
 */
export function plantedLetters(count: number, { seed = 1, none = 0.3 } = {}): SpanData {
  const random = randomStream(seed, 'planted spans');
  const some = (n: number) => Array.from({ length: n }, () => 'ACGT'[random.below(4)]).join('');
  const records = Array.from({ length: count }, (_, i): SpanRecord => {
    const before = some(5 + random.below(25));
    const within = some(4 + random.below(9));
    const after = some(5 + random.below(25));
    if (random.uniform() >= none) {
      const span = `GATTACA${within}TTTCCC`;
      return {
        id: `s${i}`,
        passage: before + span + after,
        span: { start: before.length, end: before.length + span.length },
      };
    }
    const [head, tail] = random.below(2) === 0 ? ['GATTACA', some(6)] : [some(7), 'TTTCCC'];
    return { id: `s${i}`, passage: before + head + within + tail + after, span: null };
  });
  return { kind: 'letters', alphabet: { name: 'dna', letters: 'ACGT' }, question: false, records, ...bare };
}

const people = ['Ann', 'Ben', 'Cleo', 'Dora', 'Emil', 'Finn', 'Gus', 'Hana', 'Ivo', 'June'];
const places = ['Oslo', 'Rome', 'Bern', 'Lima', 'Cairo', 'Paris', 'Quito', 'Delhi'];
const things = ['boat', 'lamp', 'drum', 'coat', 'clock'];

/**
 * Texts of three facts ("Ann sold the boat in Rome.") and questions for one of them: who, where; about things that are not spoken of there is no
 * answer.
 */
export function plantedQuestions(count: number, { seed = 1, none = 0.2 } = {}): SpanData {
  const random = randomStream(seed, 'planted questions');
  const drawn = <T>(list: readonly T[], n: number) => random.shuffle([...list]).slice(0, n);
  const records = Array.from({ length: count }, (_, i): SpanRecord => {
    const [who, where, what] = [drawn(people, 3), drawn(places, 3), drawn(things, 4)];
    const sentences = who.map((person, k) => `${person} sold the ${what[k]} in ${where[k]}.`);
    const passage = sentences.join(' ');
    const asked = random.uniform() < none ? 3 : random.below(3);
    const [question, answer] =
      random.below(2) === 0
        ? [`Who sold the ${what[asked]}?`, who[asked]]
        : [`Where was the ${what[asked]} sold?`, where[asked]];
    const start = answer === undefined ? -1 : passage.indexOf(answer);
    const span = answer === undefined ? null : { start, end: start + answer.length };
    return { id: `q${i}`, passage, question, span };
  });
  return { kind: 'text', question: true, records, ...bare };
}
