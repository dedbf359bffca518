import { counted, duration, plain } from '../format.ts';
import { html, type Markup } from '../markup.ts';
import { allAlarms, type Claim, type RunReport } from '../run-report.ts';
import { type Section, table } from './parts.ts';

/** The verdict on all claims in one sentence. */
export function verdict(claims: readonly Claim[]): string {
  const met = claims.filter((c) => c.met).length;
  if (met === claims.length)
    return ['The claim is met', 'Both claims met'][met - 1] ?? `All ${met} claims met`;
  return `${met} of ${counted(claims.length, 'claim')} met, ${claims.length - met} not met`;
}

/** Title, lead and verdict, with the way to each section. */
export function header(report: RunReport, sections: readonly Section[]): Markup {
  const { title, lead, claims = [], recipe, version, seed, seconds } = report;
  const all = claims.every((c) => c.met);
  return html`<header><p class="eyebrow">Seqwright ${version}${recipe && ` · recipe ${recipe}`} · seed ${seed} · ${duration(seconds)}</p>
<h1>${title}</h1>
${lead && html`<p class="lead">${lead}</p>`}
${claims.length > 0 && html`<p><span class="badge ${all ? 'good' : 'bad'}">${all ? '✓' : '✗'} ${verdict(claims)}</span></p>`}
<nav aria-label="Sections">${sections.map((s) => html`<a href="#${s.id}">${s.title}</a>`)}</nav>
</header>
`;
}

/** What the reader must not miss, above everything else. */
export function alarmBox(report: RunReport): Markup | null {
  const alarms = allAlarms(report);
  if (alarms.length === 0) return null;
  return html`<aside class="alarms" aria-labelledby="alarms-title"><h2 id="alarms-title">Read this first</h2><ul>${alarms.map((a) => html`<li>${a}</li>`)}</ul></aside>
`;
}

/** Every claim beside the figure that was reached. */
export function claimsSection({ claims = [] }: RunReport): Section | null {
  if (claims.length === 0) return null;
  const rows = claims.map((c) => [
    c.text,
    plain(c.value),
    c.met ? html`<span class="met">✓ met</span>` : html`<span class="unmet">✗ not met</span>`,
  ]);
  const columns = ['Claim', { label: 'Reached', numeric: true }, 'Verdict'];
  return {
    id: 'claims',
    title: 'Claims',
    content: table('What was promised, and what was reached', columns, rows),
  };
}
