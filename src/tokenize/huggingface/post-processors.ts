import {
  at,
  choiceAt,
  has,
  listAt,
  mostTokens,
  type Place,
  recordAt,
  refusal,
  stepsAt,
  textAt,
  wholeAt,
} from '../checks.ts';

/** Ids that stand before and after those of a text. */
export interface Frame {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export const noFrame: Frame = { before: [], after: [] };

const idOf = (item: Place) => wholeAt(item, { max: mostTokens - 1 });
/** A pair of a token and its id. */
const pairId = (place: Place): number => {
  listAt(place, () => undefined, { min: 2, max: 2 });
  return idOf({ value: (place.value as unknown[])[1], where: `${place.where}[1]` });
};

const ends = (place: Place): Frame => ({
  before: [pairId(at(place, 'cls'))],
  after: [pairId(at(place, 'sep'))],
});

const processors = {
  BertProcessing: ends,
  RobertaProcessing: ends,
  // Offsets only.
  ByteLevel: () => noFrame,
  TemplateProcessing: template,
  Sequence: (place: Place): Frame =>
    stepsAt(at(place, 'processors'), frameAt).reduce(
      (inner, outer) => ({
        before: [...outer.before, ...inner.before],
        after: [...inner.after, ...outer.after],
      }),
      noFrame,
    ),
} satisfies Record<string, (place: Place) => Frame>;

/** What a post-processor puts around one text. Throws a data error that names one that is not supported. */
export function frameAt(place: Place): Frame {
  const type = choiceAt(at(place, 'type'), Object.keys(processors) as (keyof typeof processors)[]);
  return processors[type](place);
}

function template(place: Place): Frame {
  const before: number[] = [];
  const after: number[] = [];
  let seen = false;
  const known = at(place, 'special_tokens');
  const single = at(place, 'single');
  listAt(
    single,
    (item) => {
      if (has(item, 'Sequence')) {
        if (seen) throw refusal(item, 'one place for the text');
        seen = true;
        return;
      }
      const name = textAt(at(at(item, 'SpecialToken'), 'id'), { max: 1000 });
      recordAt(known);
      (seen ? after : before).push(...listAt(at(at(known, name), 'ids'), idOf, { max: 100 }));
    },
    { max: 100 },
  );
  if (!seen) throw refusal(single, 'a template with a place for the text');
  return { before, after };
}
