import type { Categorical } from '../../markov/hmm/emissions/categorical.ts';
import type { Gaussian } from '../../markov/hmm/emissions/gaussian.ts';
import type { Poisson } from '../../markov/hmm/emissions/poisson.ts';
import type { Hmm } from '../../markov/hmm/model.ts';
import type { AnyEmissions } from '../../models/markov/emission-fields.ts';
import { type HmmFile, spellingOf } from '../../models/markov/hmm-file.ts';
import { figure } from '../../report/format.ts';

const mostStates = 20;
const mostTokens = 6;

/** What is worth knowing of each state, in a sentence: how long it lasts, and what it emits. */
export function stateSentences(file: HmmFile): string[] {
  const model = file.model as Hmm<unknown>;
  const { states, edges } = model;
  const stay = new Float64Array(states.length);
  edges.from.forEach((from, e) => {
    if (edges.to[e] === from) stay[from] = edges.probability[e]!;
  });
  const sentences = states.flatMap(({ name, emission }, s) => {
    if (emission === null) return [];
    const lasts = stay[s]! < 1 ? `lasts ${figure(1 / (1 - stay[s]!))} positions on average` : 'is never left';
    return [`${name}: ${lasts}; ${emissionText(file, emission)}.`];
  });
  if (sentences.length <= mostStates) return sentences;
  return [...sentences.slice(0, mostStates), `… and ${sentences.length - mostStates} more states.`];
}

function emissionText({ model, observes }: HmmFile, group: number): string {
  const emissions = model.emissions as AnyEmissions;
  if (emissions.kind === 'categorical') return tokenText(emissions, group, spellingOf(observes) ?? []);
  const columns = observes.kind === 'columns' ? observes.columns : [];
  const each = columns.map((column, d) =>
    emissions.kind === 'poisson'
      ? rateText(emissions, group, column, d)
      : normalText(emissions, group, column, d),
  );
  return each.join(', ');
}

/** The likeliest tokens; where they depend on what came before, that is too much for a sentence. */
function tokenText(
  { probabilities, vocabulary, order, period }: Categorical,
  group: number,
  tokens: readonly string[],
): string {
  if (order > 0 || period > 1)
    return `letters by ${order > 0 ? `the ${order} before` : ''}${order > 0 && period > 1 ? ' and ' : ''}${period > 1 ? 'phase' : ''}`;
  const row = tokens.map((token, w) => ({ token, p: probabilities[group * vocabulary + w]! }));
  const shown = row.sort((a, b) => b.p - a.p).slice(0, mostTokens);
  return `${shown.map(({ token, p }) => `${token} ${figure(p)}`).join(', ')}${row.length > shown.length ? ', …' : ''}`;
}

const rateText = ({ rates, width }: Poisson, group: number, column: string, d: number) =>
  `${column} rate ${figure(rates[group * width + d]!)}`;

function normalText(
  { means, variances, weights, components, width }: Gaussian,
  group: number,
  column: string,
  d: number,
): string {
  const parts = Array.from({ length: components }, (_, k) => {
    const i = (group * components + k) * width + d;
    const share = components > 1 ? `${figure(weights[group * components + k]!)} × ` : '';
    return `${share}${figure(means[i]!)} ± ${figure(Math.sqrt(variances[i]!))}`;
  });
  return `${column} ${parts.join(' + ')}`;
}
