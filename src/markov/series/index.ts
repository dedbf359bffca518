export { findSeries, type SeriesHit } from './find-series.ts';
export {
  fitSeriesProfile,
  type SeriesProfile,
  type SeriesProfileOptions,
  seriesLogOdds,
  warpSeries,
} from './series-profile.ts';
