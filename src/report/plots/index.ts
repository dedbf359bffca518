export { type ConfusionHeatmapOptions, confusionHeatmap } from './confusion-heatmap.ts';
export { type CurveChartOptions, prChart, rocChart } from './curve-chart.ts';
export { type ForestPlotOptions, forestPlot } from './forest-plot.ts';
export type { Described, Size } from './frame.ts';
export { type HistogramOptions, histogram } from './histogram.ts';
export { type LineChartOptions, lineChart, type Series } from './line-chart.ts';
export { type MotifLogoOptions, motifLogo } from './motif-logo.ts';
export { type ReliabilityDiagramOptions, reliabilityDiagram } from './reliability-diagram.ts';
export { type ScatterPlotOptions, scatterPlot } from './scatter-plot.ts';
