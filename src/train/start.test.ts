import { describe, expect, it } from 'vitest';
import { startWeights, weightsText } from './start.ts';

const initial = () =>
  new Map([
    ['scan.weight', Float32Array.of(1, 2, 3)],
    ['head.bias', Float32Array.of(4)],
  ]);

describe('startWeights', () => {
  it('replaces what is given and keeps the rest', () => {
    const begun = startWeights(initial(), () => new Map([['head.bias', Float32Array.of(9)]]));
    expect(begun).toEqual(new Map([...initial(), ['head.bias', Float32Array.of(9)]]));
    expect(startWeights(initial(), undefined)).toEqual(initial());
  });

  it('lets a part of a parameter be changed, and takes no notice of later changes to what was given', () => {
    const given = new Map<string, Float32Array>();
    const begun = startWeights(initial(), (first) => {
      const scan = first.get('scan.weight')!;
      scan[1] = 7;
      first.get('head.bias')![0] = 8;
      return given.set('scan.weight', scan);
    });
    given.get('scan.weight')![0] = 5;
    expect([...begun.values()].map((x) => [...x])).toEqual([[1, 7, 3], [4]]);
  });

  it.each([
    [
      'scan.wieght',
      [1, 2, 3],
      /"scan.wieght", which the model does not have; its parameters are scan.weight/,
    ],
    ['scan.weight', [1, 2], /2 weights for scan.weight; the model has 3 there/],
    ['head.bias', [Number.NaN], /NaN as weight 0 of head.bias; expected numbers/],
  ])('refuses %s %o with the reason', (path, numbers, message) => {
    const start = () => new Map([[path, Float32Array.from(numbers)]]);
    expect(() => startWeights(initial(), start)).toThrow(message);
  });
});

describe('weightsText', () => {
  it('differs where one number or one name differs, and is short', () => {
    const [plain, other] = [initial(), initial()];
    other.get('scan.weight')![2] = 3.0000002;
    expect(weightsText(plain)).toBe(weightsText(initial()));
    expect(weightsText(plain)).not.toBe(weightsText(other));
    expect(weightsText(new Map([['a', Float32Array.of(1)]]))).not.toBe(
      weightsText(new Map([['b', Float32Array.of(1)]])),
    );
    expect(weightsText(new Map([['a', new Float32Array(10_000)]])).length).toBeLessThan(20);
  });
});
