import { describe, expect, it } from 'vitest';
import { exampleReport } from './example-reports.fixture.ts';
import { figure } from './format.ts';
import { leakageSentence, summarizeSimilarity } from './similarity.ts';
import { alignedRows, summaryText } from './summary-text.ts';

describe('summaryText', () => {
  it('prints each metric beside its interval and its baselines, in columns', () => {
    const report = exampleReport('binary');
    const lines = summaryText(report).split('\n');
    const head = lines.findIndex((l) => l.startsWith('metric'));
    expect(lines[head]).toMatch(/^metric +value +95 % interval +majority +6-mer logistic$/);
    const names = Object.keys(report.evaluation!.metrics);
    names.forEach((name, i) => {
      const cells = lines[head + 1 + i]!.split(/ {2,}/);
      expect(cells[0]).toBe(name);
      expect(cells[1]).toBe(figure(report.evaluation!.metrics[name]!.value));
      expect(cells[3]).toBe(figure(report.baselines!.majority![name]!.value));
    });
    const widths = lines.slice(head, head + names.length + 1).map((l) => Array.from(l).length);
    expect(new Set(widths).size).toBe(1);
  });

  it('tells similarity, calibration, claims, alarms and where the report is', () => {
    const text = summaryText(exampleReport('broken'));
    expect(text).toMatch(/^similarity {2,}homology clusters.*no test record reaches 0.9\.$/m);
    expect(text).toMatch(
      /^calibration {2,}expected calibration error 0\.138 \(poor; probability of promoter\)$/m,
    );
    expect(text).toMatch(/^claim NOT met {2,}Held-out auroc at least 0.75: 0.5$/m);
    expect(text).toMatch(/^ALARM {2,}The model predicts nearly one class only/m);
    expect(text).toMatch(/^report {2,}report\.html$/m);
    expect(text).not.toMatch(/NaN|undefined/);
  });

  it('takes an evaluation alone and says in how many groups the records were drawn', () => {
    const { evaluation } = exampleReport('values');
    const grouped = { ...evaluation!, intervals: { ...evaluation!.intervals, groups: 7 } };
    expect(summaryText({ evaluation: grouped }).split('\n')[0]).toBe('450 records evaluated in 7 groups');
  });

  it('keeps control characters of names away from the terminal', () => {
    expect(summaryText({ title: 'a\u001b[31mb', claims: [] })).toBe('a\ufffd[31mb\n');
  });

  it('aligns words left and numbers right', () => {
    expect(
      alignedRows([
        ['a', '10'],
        ['bcd', '5'],
      ]),
    ).toEqual(['a    10', 'bcd   5']);
  });
});

describe('similarity', () => {
  it('counts the test records at or above the threshold', () => {
    const leakage = { split: 'random', nearest: [0.1, 0.2, 0.95, 0.9], threshold: 0.9 };
    expect(summarizeSimilarity(leakage)).toMatchObject({ count: 4, related: 0.5, max: 0.95 });
    expect(leakageSentence(leakage)).toContain('2 test records of 4 (50.0 %) reach 0.9');
  });

  it('says so where nothing was measured', () => {
    expect(leakageSentence({ split: 'random' })).toContain('not measured');
    expect(summarizeSimilarity({ split: 'random', nearest: [] })).toBeUndefined();
  });
});
