import { figure } from '../format.ts';
import { html } from '../markup.ts';
import { confusionHeatmap, prChart, reliabilityDiagram, rocChart, scatterPlot } from '../plots/index.ts';
import type { RunReport } from '../run-report.ts';
import { drawn, type Section } from './parts.ts';

/** How predictions lie beside the truth: curves, confusion and calibration, or scatters. */
export function predictionsSection({ evaluation }: RunReport): Section | null {
  if (!evaluation) return null;
  const {
    rocCurves = [],
    prCurves = [],
    confusion,
    calibration,
    scatter = [],
    kind,
    names,
    metrics,
  } = evaluation;
  const several = rocCurves.length > 1;
  const rest = kind === 'classes' ? 'rest' : 'records without the label';
  const against = several
    ? `One curve a ${kind === 'classes' ? 'class' : 'label'}, against the ${rest}`
    : `Positive class: ${names.at(-1)}`;
  const left = names.length > 8 ? ' The most frequent are drawn.' : '';
  const figures = [
    rocCurves.length > 0 &&
      drawn(
        rocChart({ curves: rocCurves }),
        several ? 'ROC curves' : 'ROC curve',
        `${against}; the area stands beside the name.${left} Dotted: guessing.`,
      ),
    prCurves.length > 0 &&
      drawn(
        prChart({ curves: prCurves }),
        'Precision and recall',
        `${against}; average precision stands beside the name. Dotted: the share of positives.`,
      ),
    confusion &&
      drawn(
        confusionHeatmap(confusion),
        'Confusion matrix',
        'Records by true and predicted class; percentages are of the true class.',
      ),
    calibration &&
      drawn(
        reliabilityDiagram(calibration),
        'Calibration',
        `Expected calibration error ${figure(metrics.ece?.value)}. On the diagonal, probabilities mean what they say. Bars: records in each bin.`,
      ),
    scatter.map((s) =>
      drawn(
        scatterPlot({
          points: s.points,
          xLabel: `True ${s.name}`,
          yLabel: `Predicted ${s.name}`,
          title: `${s.name}: predicted over true`,
        }),
        s.name,
        scatterCaption(s.points.length, evaluation.count),
      ),
    ),
  ];
  return { id: 'predictions', title: 'Predictions', content: html`<div class="figures">${figures}</div>` };
}

const scatterCaption = (shown: number, of: number) =>
  `Predicted over true values${shown < of ? `, a sample of ${shown} of ${of} records` : ''}. Dotted: equality.`;
