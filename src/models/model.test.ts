import { describe, expect, it } from 'vitest';
import { exampleModel } from './model.fixture.ts';
import { modelText, readModelText } from './model.ts';

const { spec, training } = exampleModel();
const weightsSha256 = 'a5'.repeat(32);
const text = modelText({ spec, training, weightsSha256 });
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const damaged = 'The file is damaged or was edited; copy the model again or train it anew.';

it('model.json comes back as it was written', () => {
  expect(readModelText(new TextEncoder().encode(text), 'm')).toEqual({ spec, training, weightsSha256 });
});

it('model.json is not written with what could not be read back', () => {
  expect(() => modelText({ spec: { ...spec, tracks: ['a', 'a'] }, training, weightsSha256 })).toThrow(
    `model.json: spec.tracks is ["a","a"]; expected names that differ. ${damaged}`,
  );
});

describe('a field of model.json is refused when', () => {
  const cases: [string, (json: Record<string, unknown>) => unknown, string][] = [
    [
      'the hash of the weights is none',
      (json) => ({ ...json, weights: { sha256: '../../x' } }),
      `weights.sha256 is "../../x"; expected 64 hexadecimal digits. ${damaged}`,
    ],
    ['there is no spec', ({ spec: _, ...json }) => json, `spec is nothing; expected an object. ${damaged}`],
    [
      'training is a list',
      (json) => ({ ...json, training: [] }),
      `training is []; expected an object. ${damaged}`,
    ],
  ];
  const specCases: [string, object, string][] = [
    [
      'the architecture is no text',
      { architecture: 3 },
      `spec.architecture is 3; expected a text of 1 to 100 letters. ${damaged}`,
    ],
    [
      'the alphabet repeats a letter',
      { alphabet: { name: 'x', letters: 'AA' } },
      `spec.alphabet is {"name":"x","letters":"AA"}; expected an alphabet (Alphabet x holds "A" twice). ${damaged}`,
    ],
    [
      'a track has no name',
      { tracks: [''] },
      `spec.tracks[0] is ""; expected a text of 1 to 10000 letters. ${damaged}`,
    ],
    [
      'the output is of no known kind',
      { output: { kind: 'eval' } },
      `spec.output.kind is "eval"; expected classes, labels or values. ${damaged}`,
    ],
    [
      'there is one class only',
      { output: { kind: 'classes', classes: ['a'] } },
      `spec.output.classes is ["a"]; expected a list of 2 to 100000 entries. ${damaged}`,
    ],
    [
      'two classes have one name',
      { output: { kind: 'classes', classes: ['a', 'a'] } },
      `spec.output.classes is ["a","a"]; expected names that differ. ${damaged}`,
    ],
    [
      'a deviation is missing',
      { output: { kind: 'values', names: ['a', 'b'], positive: false, mean: [0, 0], deviation: [1] } },
      `spec.output.deviation is [1]; expected 2 numbers. ${damaged}`,
    ],
    [
      'a deviation is zero',
      { output: { kind: 'values', names: ['a'], positive: false, mean: [0], deviation: [0] } },
      `spec.output.deviation[0] is 0; expected a number above 0. ${damaged}`,
    ],
    [
      'positive is no truth value',
      { output: { kind: 'values', names: ['a'], positive: 1, mean: [0], deviation: [1] } },
      `spec.output.positive is 1; expected true or false. ${damaged}`,
    ],
    [
      'a setting is huge',
      { config: { filters: [1e12] } },
      `spec.config.filters[0] is 1000000000000; expected a number up to 16777216, a short text, true, false, null, or a list of these. ${damaged}`,
    ],
    [
      'a setting is a long list',
      { config: { dense: new Array(101).fill(1) } },
      `spec.config.dense is [${'1,'.repeat(39)}…; expected a list of at most 100 entries. ${damaged}`,
    ],
  ];
  const all = [
    ...cases,
    ...specCases.map(([name, change, message]): (typeof cases)[number] => [
      name,
      (json) => ({ ...json, spec: { ...(json.spec as object), ...change } }),
      message,
    ]),
  ];
  it.each(all)('%s', (_, change, message) => {
    expect(() => readModelText(bytesOf(change(JSON.parse(text))), 'm/model.json')).toThrow(
      expect.objectContaining({ kind: 'data', message: `m/model.json: ${message}` }),
    );
  });
});
