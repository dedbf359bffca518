import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMarkup } from '../markup.fixture.ts';
import {
  confusionHeatmap,
  forestPlot,
  histogram,
  lineChart,
  prChart,
  reliabilityDiagram,
  rocChart,
  scatterPlot,
} from './index.ts';

/** The numbers after a colon at the end of each tooltip. */
const tooltips = (svg: string) =>
  [...svg.matchAll(/<title>[^<]*: ([\d,]+)<\/title>/g)].map((m) => Number(m[1]!.replace(',', '')));

/** Start tags of one kind with one class. */
const drawn = (svg: string, name: string, className: string) =>
  readMarkup(svg).tags.filter((t) => t.name === name && t.attributes.class?.split(' ').includes(className));

describe('histogram', () => {
  it('puts every value into exactly one bar, whatever the values', () => {
    const values = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(values, (v) => {
        const svg = histogram({ values: v, xLabel: 'x', title: 't' });
        expect(tooltips(svg).reduce((a, b) => a + b, 0)).toBe(v.length);
        expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      }),
    );
  });

  it('turns to a log axis where values span a factor of a hundred', () => {
    const svg = histogram({ values: [50, 500, 1_000_000], xLabel: 'Length', title: 'Lengths' });
    expect(readMarkup(svg).text).toContain('1001k10k100k1M');
  });

  it('counts in whole numbers on its axis, however few', () => {
    const { text } = readMarkup(histogram({ values: [3, 4], xLabel: 'x', title: 't', yLabel: 'n' }));
    expect(text).toMatch(/01n/);
  });

  it('marks a threshold in the given range', () => {
    const svg = histogram({
      values: [0.2],
      xLabel: 'x',
      title: 't',
      domain: [0, 1],
      mark: { x: 0.5, label: 'from' },
    });
    expect(readMarkup(svg).text).toContain('from 0.5');
  });

  it('writes the note of a mark above the highest bar and inside the drawing, wherever the mark stands', () => {
    for (const x of [0, 0.3, 1]) {
      const { tags } = readMarkup(
        histogram({
          ...{ values: [x, x, x], xLabel: 'x', title: 't', domain: [0, 1], width: 480 },
          mark: { x, label: 'the threshold is at' },
        }),
      );
      const note = tags.filter(({ name }) => name === 'text').at(-1)!.attributes;
      const bars = tags.filter(({ attributes }) => attributes.class === 'bar');
      expect(Number(note.y)).toBeLessThan(Math.min(...bars.map(({ attributes }) => Number(attributes.y))));
      expect(Number(note.x)).toBeGreaterThan(3 * 'the threshold is at 0.3'.length);
      expect(Number(note.x)).toBeLessThan(480 - 3 * 'the threshold is at 0.3'.length);
    }
  });
});

describe('curves', () => {
  const curve = {
    name: 'yes',
    area: 0.75,
    prevalence: 0.25,
    points: [
      [0, 0],
      [0.5, 1],
      [1, 1],
    ] as [number, number][],
  };

  it('a ROC curve starts lower left, ends upper right and names its area', () => {
    const svg = rocChart({ curves: [curve], width: 100 + 74, height: 100 + 82 });
    expect(drawn(svg, 'path', 'line')[0]!.attributes.d).toBe('M58,136L108,36L158,36');
    expect(readMarkup(svg).text).toContain('yes 0.750');
  });

  it('a precision–recall curve goes in steps over the share of positives', () => {
    const svg = prChart({ curves: [curve], width: 174, height: 182 });
    expect(drawn(svg, 'path', 'line')[0]!.attributes.d).toBe('M58,136L58,36L108,36L108,36L158,36');
    expect(drawn(svg, 'line', 'reference')[0]!.attributes.y1).toBe('111');
  });

  it('draw nothing but axes without curves', () => {
    expect(drawn(rocChart({ curves: [] }), 'path', 'line')).toEqual([]);
  });
});

describe('lineChart', () => {
  it('interrupts a line where a value is missing, and marks the best epoch', () => {
    const points: [number, number][] = [
      [1, 0.5],
      [2, Number.NaN],
      [3, 0.25],
      [4, 0.2],
    ];
    const svg = lineChart({
      series: [{ name: 'validation', points }],
      xLabel: 'Epoch',
      yLabel: 'Loss',
      title: 't',
      mark: { x: 3, label: 'best' },
    });
    expect(drawn(svg, 'path', 'line')[0]!.attributes.d!.match(/M/g)?.length).toBe(2);
    expect(drawn(svg, 'circle', 'dot').length).toBe(3);
    expect(readMarkup(svg).text).toContain('best');
    expect(svg).not.toMatch(/NaN/);
  });

  it('draws a single epoch and no epoch', () => {
    for (const points of [[[1, 0.5]], []] as [number, number][][]) {
      const svg = lineChart({ series: [{ name: 'a', points }], xLabel: 'x', yLabel: 'y', title: 't' });
      expect(readMarkup(svg).text).toContain('x');
      expect(svg).not.toMatch(/NaN|null|undefined|Infinity/);
    }
  });
});

describe('confusionHeatmap', () => {
  it('writes all counts, and percentages of the true class', () => {
    const { text } = readMarkup(
      confusionHeatmap({
        classes: ['a', 'b'],
        counts: [
          [30, 10],
          [0, 0],
        ],
      }),
    );
    expect(text).toContain('true a, predicted b: 10 (25.0 %)');
    expect(text).toContain('true b, predicted a: 0 (0.0 %)');
  });

  it('stays well-formed for one class and for sixty', () => {
    for (const k of [1, 60]) {
      const classes = Array.from({ length: k }, (_, c) => `a long class name ${c}`);
      const svg = confusionHeatmap({ classes, counts: classes.map(() => classes.map(() => 1)) });
      expect(drawn(svg, 'rect', 'tile').length).toBe(k * k);
    }
  });
});

describe('the other plots', () => {
  it('a reliability diagram has a dot and a bar for every bin', () => {
    const bins = [
      { low: 0, high: 0.5, count: 3, confidence: 0.2, observed: 0.3 },
      { low: 0.5, high: 1, count: 9, confidence: 0.9, observed: 0.8 },
    ];
    const svg = reliabilityDiagram({ bins });
    expect(drawn(svg, 'circle', 'bubble').length).toBe(2);
    const heights = drawn(svg, 'rect', 'bar').map((t) => Number(t.attributes.height));
    expect(heights[1]! / heights[0]!).toBeCloseTo(3, 1);
  });

  it('a forest plot orders values from left to right and leaves out what is not defined', () => {
    const svg = forestPlot({
      rows: [
        { label: 'AUROC', values: [{ value: 0.9, low: 0.8, high: 0.95 }, { value: 0.5 }, { value: null }] },
      ],
      contenders: ['model', 'majority', 'other'],
    });
    // The legend has one mark of each contender, too.
    const diamonds = drawn(svg, 'path', 'diamond');
    expect(diamonds.length).toBe(3);
    expect(drawn(svg, 'path', 'whisker').length).toBe(1);
    const dot = Number(drawn(svg, 'circle', 'dot')[1]!.attributes.cx);
    const majority = Number(diamonds[2]!.attributes.d!.match(/M([\d.]+)/)![1]);
    expect(majority).toBeLessThan(dot);
  });

  it('a scatter plot draws each finite point once and equal values on the diagonal', () => {
    const svg = scatterPlot({
      points: [
        [1, 1],
        [2, 3],
        [Number.NaN, 1],
      ],
    });
    expect(drawn(svg, 'path', 'dots')[0]!.attributes.d!.match(/M/g)?.length).toBe(2);
    expect(readMarkup(scatterPlot({ points: [] })).text).toContain('Predicted');
  });
});
