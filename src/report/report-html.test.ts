import { describe, expect, it } from 'vitest';
import { evaluate, type Predictions } from '../train/metrics/index.ts';
import { exampleKinds, exampleReport } from './example-reports.fixture.ts';
import { bounds, figure } from './format.ts';
import { readMarkup } from './markup.fixture.ts';
import { reportHtml } from './report-html.ts';
import type { RunReport } from './run-report.ts';

const examples = exampleKinds.map((kind) => [kind, exampleReport(kind)] as const);

describe('reportHtml', () => {
  it.each(examples)('is well-formed and speaks neither NaN nor undefined (%s)', (_, report) => {
    const page = reportHtml(report);
    expect(readMarkup(page).tags[0]!.name).toBe('html');
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it.each(examples)('asks nothing of the network and runs nothing (%s)', (_, report) => {
    const page = reportHtml(report);
    expect(page).not.toMatch(/https?:|\/\/[a-z]|url\(|@import|javascript:/i);
    const { tags } = readMarkup(page);
    expect(
      tags.filter(({ name }) => ['script', 'link', 'img', 'iframe', 'object', 'base'].includes(name)),
    ).toEqual([]);
    const links = tags.flatMap(({ attributes }) => attributes.href ?? attributes.src ?? []);
    const ids = new Set(tags.map(({ attributes }) => attributes.id));
    expect(links.length).toBeGreaterThan(5);
    for (const link of links) expect(ids.has(link.slice(1)), link).toBe(true);
  });

  it.each(examples)('shows every metric with its interval, as evaluated (%s)', (_, report) => {
    const { text } = readMarkup(reportHtml(report));
    const metrics = Object.values(report.evaluation!.metrics);
    expect(metrics.length).toBeGreaterThan(4);
    for (const metric of metrics) {
      expect(text).toContain(figure(metric.value) + bounds(metric));
    }
  });

  it.each(examples)(
    'names every drawing, heading cell and section for those who listen (%s)',
    (_, report) => {
      const { tags } = readMarkup(reportHtml(report));
      const of = (name: string) => tags.filter((t) => t.name === name);
      expect(of('svg').length).toBeGreaterThan(3);
      for (const { attributes } of of('svg')) expect(attributes['aria-label']).toBeTruthy();
      for (const { attributes } of of('th')) expect(attributes.scope).toMatch(/^(row|col)$/);
      expect(of('figcaption').length).toBe(of('figure').length);
      expect(of('caption').length).toBe(of('table').length);
      expect(new Set(tags.flatMap((t) => t.attributes.id ?? [])).size).toBe(
        tags.filter((t) => t.attributes.id !== undefined).length,
      );
    },
  );

  it('puts alarms above the first section and the verdict above them', () => {
    const page = reportHtml(exampleReport('broken'));
    const alarm = page.indexOf('predicts nearly one class only');
    expect(page.indexOf('1 of 2 claims met, 1 not met')).toBeGreaterThan(0);
    expect(alarm).toBeGreaterThan(page.indexOf('1 of 2 claims met'));
    expect(alarm).toBeLessThan(page.indexOf('<section'));
  });

  it('shows hostile names, ids and paths as text and nothing more', () => {
    const evil = `</style><script>alert('x')</script><img src=x onerror="y">&\u202e`;
    const shownAs = evil.replace('\u202e', '\ufffd');
    const report = hostileReport(evil);
    const { tags, text } = readMarkup(reportHtml(report));
    expect(tags.filter(({ name }) => name === 'script' || name === 'img')).toEqual([]);
    expect(tags.filter(({ attributes }) => Object.keys(attributes).some((a) => a.startsWith('on')))).toEqual(
      [],
    );
    expect(text.split(shownAs).length).toBeGreaterThan(12);
  });

  it('needs no more than a title, a version, a seed and a time', () => {
    const page = reportHtml({ title: 'Bare', version: '0.1.0', seed: 1, seconds: 2 });
    expect(readMarkup(page).text).toContain('Bare');
    expect(page).not.toMatch(/NaN|undefined/);
  });

  it('survives evaluations of one record and of one class', () => {
    const one: Predictions = {
      ids: ['a'],
      target: { kind: 'classes', classes: ['no', 'yes'], truth: Int32Array.of(1) },
      values: Float64Array.of(0.4, 0.6),
    };
    const page = reportHtml({
      title: 'One',
      version: '0.1.0',
      seed: 1,
      seconds: 2,
      evaluation: evaluate(one),
    });
    expect(page).not.toMatch(/NaN|undefined/);
    expect(readMarkup(page).text).toContain('Only one record was evaluated');
  });
});

/** A report in which everything that users name is the given text. */
function hostileReport(evil: string): RunReport {
  const report = exampleReport('many');
  const { evaluation } = report;
  const rename = <T extends { name: string }>(items: T[] | undefined) =>
    items?.map((c) => ({ ...c, name: evil })) ?? [];
  return {
    ...report,
    title: evil,
    lead: evil,
    recipe: evil,
    version: evil,
    claims: [{ id: evil, text: evil, value: 1, met: false }],
    data: {
      records: 1,
      task: evil,
      alphabet: evil,
      classes: [{ name: evil, count: 1 }],
      skipped: [{ reason: evil, count: 1, examples: [evil] }],
      sources: [{ path: evil, sha256: evil }],
    },
    evaluation: {
      ...evaluation!,
      names: [evil, evil, evil],
      alarms: [evil],
      columns: rename(evaluation!.columns),
      rocCurves: rename(evaluation!.rocCurves),
      prCurves: rename(evaluation!.prCurves),
      confusion: { ...evaluation!.confusion!, classes: [evil, evil, evil] },
      calibration: { ...evaluation!.calibration!, of: evil },
      confidentErrors: [{ id: evil, truth: evil, predicted: evil, probability: 0.9 }],
    },
    baselines: { [evil]: evaluation!.metrics },
    sequences: { [evil]: evil },
    leakage: {
      ...report.leakage!,
      split: evil,
      measure: evil,
      sentence: evil,
      parts: [{ name: evil, count: 1 }],
    },
    notes: [evil],
    tables: [{ title: evil, columns: [evil], rows: [[evil]], note: evil }],
    figures: [{ title: evil, caption: evil, svg: '<svg aria-label="x"></svg>' }],
    manifest: { command: evil, config: { [evil]: evil } },
  };
}
