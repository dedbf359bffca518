import { failure } from '../core/errors.ts';
import type { Guide } from './constraints/guide.ts';
import type { Preparation } from './decoding.ts';
import { isAllowed, nothingLeft } from './rows.ts';
import type { Logs, Stepper } from './stepper.ts';

/** A model state, a place in the constraints and a position, and what may follow. */
interface Node<State> {
  readonly state: State;
  readonly place: number;
  /** Behind each token; undefined where it may not stand. */
  readonly after: (Node<State> | undefined)[];
  logs?: Logs;
  /** ln P(token and that the constraints will hold | prefix) for every token. */
  values?: Float64Array;
  /** ln P(the constraints will hold | prefix). */
  hope: number;
}

/** What may be written down at most. */
const mostNodes = 300_000;

/**
 * The model given that the constraints hold, as a stepper: tokens are valued by their probability times that of all
 * good continuations (Doob's transform), summed backward over a lattice of model states × constraint states × positions. Exact, for models whose
 * states `name` maps to few names; the states of equal names must have the same future.
 *
 * Throws a failure where the lattice is too large and where the model gives no good sequence any probability.
 */
export async function conditionedStepper<State, Context>(
  stepper: Stepper<State, Context>,
  start: State,
  preparation: Preparation,
  name: (state: State) => string | number,
): Promise<{ stepper: Stepper<Node<State>, Context>; start: Node<State> }> {
  // One and the same compilation throughout, since places are numbers of its own.
  const guide = preparation.guide();
  const layers = await lattice(stepper, start, { guide, remaining: preparation.remaining }, name);
  // Only places where the constraints hold are reached at the end.
  for (const node of layers.at(-1)!) node.hope = 0;
  for (const nodes of layers.slice(0, -1).reverse())
    for (const node of nodes) sumContinuations(node, stepper.end, guide);
  const first = layers[0]![0]!;
  if (first.hope === Number.NEGATIVE_INFINITY) throw nothingLeft({ written: [], guide: true }, preparation);
  const { vocabulary, end } = stepper;
  return {
    start: first,
    stepper: {
      vocabulary,
      end,
      start: () => first,
      advance: (node, token) => node.after[token]!,
      async next(nodes) {
        const logs = new Float64Array(nodes.length * vocabulary);
        const values = new Float64Array(nodes.length * vocabulary);
        nodes.forEach((node, row) => {
          logs.set(node.logs!, row * vocabulary);
          values.set(node.values!, row * vocabulary);
        });
        return { logs, values };
      },
    },
  };
}

/** All that can be written, position by position, places that mean the same as one. */
async function lattice<State, Context>(
  stepper: Stepper<State, Context>,
  start: State,
  { guide, remaining }: { guide: Guide | undefined; remaining: number },
  name: (state: State) => string | number,
): Promise<Node<State>[][]> {
  const known = new Map<string | number, Logs>();
  const node = (state: State, place: number): Node<State> => ({
    state,
    place,
    after: [],
    hope: Number.NEGATIVE_INFINITY,
  });
  const layers = [[node(start, guide?.start ?? 0)]];
  let count = 1;
  for (let left = remaining - 1; left >= 0; left--) {
    const layer = layers.at(-1)!;
    await askAll(stepper, layer, name, known);
    const next = new Map<string, Node<State>>();
    for (const one of layer)
      for (let token = 0; token < stepper.vocabulary; token++) {
        if (token === stepper.end || one.logs![token] === Number.NEGATIVE_INFINITY) continue;
        if (guide && !isAllowed(guide, token, { place: one.place, left, end: stepper.end })) continue;
        const made = node(stepper.advance(one.state, token), guide ? guide.next(one.place, token) : 0);
        const key = `${made.place}:${name(made.state)}`;
        if (!next.has(key)) {
          if (++count > mostNodes) throw tooLarge();
          next.set(key, made);
        }
        one.after[token] = next.get(key)!;
      }
    layers.push([...next.values()]);
  }
  return layers;
}

/** Asks the model about the states of new names, all at once. */
async function askAll<State, Context>(
  stepper: Stepper<State, Context>,
  nodes: readonly Node<State>[],
  name: (state: State) => string | number,
  known: Map<string | number, Logs>,
): Promise<void> {
  const unknown = new Map<string | number, State>();
  for (const { state } of nodes) if (!known.has(name(state))) unknown.set(name(state), state);
  const { vocabulary } = stepper;
  if (unknown.size > 0) {
    const { logs } = await stepper.next([...unknown.values()]);
    [...unknown.keys()].forEach((key, row) => {
      known.set(key, logs.slice(row * vocabulary, (row + 1) * vocabulary));
    });
  }
  for (const node of nodes) node.logs = known.get(name(node.state))!;
}

/** Sums over the tokens that may follow a node, whose own continuations are summed already. */
function sumContinuations<State>(node: Node<State>, end: number | null, guide: Guide | undefined): void {
  node.values = Float64Array.from(node.logs!, (log, token) => {
    if (token === end) return guide && !guide.accepts(node.place) ? Number.NEGATIVE_INFINITY : log;
    return log + (node.after[token]?.hope ?? Number.NEGATIVE_INFINITY);
  });
  const largest = Math.max(...node.values);
  if (largest === Number.NEGATIVE_INFINITY) return;
  node.hope = largest + Math.log(node.values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}

const tooLarge = () =>
  failure(
    `Exact sampling needs more than ${mostNodes} states of model, constraints and positions. ` +
      'Leave `exact` out, or use a shorter length, fewer constraints or a smaller model.',
  );
