import { html, trusted } from './markup.ts';
import type { RunReport } from './run-report.ts';
import { dataSection, leakageSection } from './sections/data.ts';
import { extraSection, manifestSection, notesSection } from './sections/details.ts';
import { errorsSection } from './sections/errors.ts';
import { metricsSection } from './sections/metrics.ts';
import { section } from './sections/parts.ts';
import { predictionsSection } from './sections/predictions.ts';
import { trainingSection } from './sections/training.ts';
import { alarmBox, claimsSection, header } from './sections/verdict.ts';
import { styleSheet } from './style.ts';

/** The sections in the order in which a reader asks. */
const sections = [
  claimsSection,
  metricsSection,
  trainingSection,
  predictionsSection,
  errorsSection,
  extraSection,
  leakageSection,
  dataSection,
  notesSection,
  manifestSection,
];

/** The page may load nothing and run nothing, whatever stands in it. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/**
 * The report as one HTML page that needs nothing else: no scripts, no requests, drawings inline. It follows the
 * reader's light or dark setting, fits narrow screens and prints. All text of users is escaped.
 *
 * @example reportHtml({ title: 'Splice sites', version: '0.1.0', seed: 42, seconds: 41.2, evaluation })
 */
export function reportHtml(report: RunReport): string {
  const shown = sections.flatMap((make) => make(report) ?? []);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${report.title} – Seqwright report</title>
<style>${trusted(styleSheet)}</style>
</head>
<body>
${header(report, shown)}<main>
${alarmBox(report)}${shown.map(section)}</main>
<footer>Made by Seqwright ${report.version}. The same figures are in results.json.</footer>
</body>
</html>
`.markup;
}
