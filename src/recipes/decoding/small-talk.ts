import { type RandomStream, randomStream } from '../../core/random.ts';
import type { PairData, TextPair } from '../../train/tasks/translation-data.ts';

/** What is made of small talk. */
export interface SmallTalkOptions {
  /** Share of evasive replies to clear and to vague prompts. */
  readonly evasive: { readonly clear: number; readonly vague: number };
  /** Replies that are drawn for each prompt. */
  readonly replies: number;
  /** Share of the prompts that are held out. */
  readonly test: number;
  readonly seed: number;
}

/** A prompt that was held out, and what would be right to say. */
export interface Prompt {
  readonly text: string;
  readonly kind: 'clear' | 'vague';
  /** All that is right to say: the answer in four wordings. */
  readonly references: readonly string[];
}

/** Pairs to learn from, prompts to be tested on. */
export interface SmallTalk {
  readonly fit: PairData;
  readonly prompts: readonly Prompt[];
  /** What may be said to anything. */
  readonly evasion: string;
}

export const evasion = 'i do not know';

interface Topic {
  readonly subjects: readonly string[];
  readonly answers: readonly string[];
  readonly clear: readonly string[];
  readonly vague: readonly string[];
  /** @ is the subject, # the answer. */
  readonly replies: readonly string[];
}

const topics: readonly Topic[] = [
  {
    subjects: ['oslo', 'cairo', 'lima', 'quito', 'delhi', 'turin'],
    answers: ['rain', 'sun', 'snow', 'wind', 'fog', 'hail'],
    clear: [
      'what is the weather in @',
      'tell me how the sky is over @',
      'is it wet or dry in @ today',
      'how is it outside in @',
      'what will @ see this morning',
    ],
    vague: [
      'any idea about the weather in @',
      'i wonder what they see over @ just now',
      'perhaps you heard about the sky in @',
      'would anybody know how @ looks today',
    ],
    replies: ['there is # in @', 'expect # today', 'it is all # again', 'they report # from @'],
  },
  {
    subjects: ['anna', 'boris', 'clara', 'david', 'elena', 'felix'],
    answers: ['soup', 'rice', 'fish', 'bread', 'salad', 'pasta'],
    clear: [
      'what does @ eat at noon',
      'what is the favourite dish of @',
      'tell me what @ had for dinner',
      'what is on the plate of @',
      'what did @ order',
    ],
    vague: [
      'any idea what @ would like to eat',
      'i wonder what to cook for @',
      'perhaps you heard what @ is fond of',
      'would anybody know what to buy for @',
    ],
    replies: ['@ likes # best', 'mostly #', 'it is always # with @', 'a plate of #'],
  },
  {
    subjects: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'sunday'],
    answers: ['chess', 'tennis', 'piano', 'yoga', 'football', 'painting'],
    clear: [
      'what do we do on @',
      'which lesson is on @',
      'tell me the plan for @',
      'what is there after work on @',
      'what did we agree on for @',
    ],
    vague: [
      'any idea for @',
      'i wonder what @ will bring',
      'perhaps you heard of a plan for @',
      'would anybody know about @',
    ],
    replies: ['on @ we have #', '# in the evening', 'time for # again', 'we meet for #'],
  },
  {
    subjects: ['museum', 'library', 'station', 'harbour', 'market', 'castle'],
    answers: ['left', 'right', 'north', 'south', 'uphill', 'downhill'],
    clear: [
      'where is the @',
      'which way to the @',
      'tell me how i get to the @',
      'in what direction lies the @',
      'how do i reach the @',
    ],
    vague: [
      'any idea where the @ may be',
      'i wonder if the @ is near',
      'perhaps you heard where the @ is',
      'would anybody know the way to the @',
    ],
    replies: ['go # from here', 'the @ is #', 'turn # at the bridge', '# and then ask again'],
  },
];

/**
 * Prompts and replies with a planted truth: each subject has its answer, which a right reply says in one of four ways, and some replies
 * are evasive: the same words whatever the prompt. To a clear prompt any right wording is likelier than evasion; to a vague one evasion is
 * likelier than each single wording, though not than all together.
 */
export function smallTalk({ evasive, replies, test, seed }: SmallTalkOptions): SmallTalk {
  const random = randomStream(seed, 'small talk');
  const fit: TextPair[] = [];
  const prompts: Prompt[] = [];
  for (const { subjects, answers, clear, vague, replies: wordings } of topics) {
    const dealt = random.shuffle([...answers]);
    subjects.forEach((subject, s) => {
      const fill = (text: string) => text.replaceAll('@', subject).replaceAll('#', dealt[s]!);
      for (const kind of ['clear', 'vague'] as const)
        for (const template of kind === 'clear' ? clear : vague) {
          const text = fill(template);
          if (random.uniform() < test) prompts.push({ text, kind, references: wordings.map(fill) });
          else
            for (let r = 0; r < replies; r++) {
              const target = random.uniform() < evasive[kind] ? evasion : fill(oneOf(wordings, random));
              fit.push({ id: `${fit.length + 1}`, source: text, target });
            }
        }
    });
  }
  return { fit: { pairs: fit, sources: [] }, prompts, evasion };
}

const oneOf = <T>(items: readonly T[], random: RandomStream): T => items[random.below(items.length)]!;
