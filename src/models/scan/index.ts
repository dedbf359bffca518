export type { ScanModel, ScanStrand } from './runner.ts';
export {
  openScan,
  type Scan,
  type ScanCounts,
  type ScanPlace,
  type ScanPosition,
  type ScanStep,
  type Shard,
} from './scan.ts';
export { type ScanFileOptions, scanFiles, writeScan } from './scan-file.ts';
export { type ScanOptions, type ScanSettings, scanSettings } from './settings.ts';
export { type ScanFormat, type StrandRule, scanFormats } from './tracks.ts';
export { answerWindows, positionWindows, type ScanWindow, type Windowing } from './windowing.ts';
