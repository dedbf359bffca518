export { multiqcFiles, multiqcGeneralStats, multiqcJson } from './multiqc.ts';
export * from './plots/index.ts';
export { reportHtml } from './report-html.ts';
export { jsonSafe, manifest, manifestJson, results, resultsJson } from './results-json.ts';
export type {
  Claim,
  DataSummary,
  Epoch,
  Figure,
  Leakage,
  Manifest,
  RunReport,
  Skipped,
  SourceFile,
  Summary,
  Table,
  Training,
} from './run-report.ts';
export { leakageSentence, type SimilaritySummary, summarizeSimilarity } from './similarity.ts';
export { summaryText } from './summary-text.ts';
