import type { RandomStream } from '../../core/random.ts';
import { drawFrom } from '../draw.ts';
import { B, C, E, J, N, type ProfilePass } from './forward.ts';
import type { LengthModel, SearchProfile } from './search-profile.ts';
import { backwardTrace, type ProfileTrace, type TraceState } from './trace.ts';

/** Draws a path in proportion to its probability given the sequence, from a Forward pass that kept its rows. */
export function stochasticTrace(
  profile: SearchProfile,
  pass: ProfilePass,
  { loop, again, end }: LengthModel,
  stream: Pick<RandomStream, 'uniform'>,
): ProfileTrace {
  const { specials, scales, length } = pass;
  const trace = backwardTrace();
  let i = length;
  let state: TraceState | 'S' = 'C';
  /** Stay in C or J for one more letter, or come from a domain's end. */
  const stays = (of: number, ended: number) => {
    const stay = i > 0 ? (specials[5 * (i - 1) + of]! * loop) / scales[i]! : 0;
    return drawFrom([stay, specials[5 * i + E]! * ended], stream) === 0;
  };
  while (state !== 'S') {
    if (state === 'C' || state === 'J') {
      if (stays(state === 'C' ? C : J, state === 'C' ? end : again)) trace.add(state, 0, i--);
      else state = 'E';
    } else if (state === 'E') {
      trace.add('E');
      i = drawDomain(profile, pass, i, trace, stream);
      state = 'B';
    } else if (state === 'B') {
      trace.add('B');
      state = drawFrom([specials[5 * i + N]!, specials[5 * i + J]!], stream) === 0 ? 'N' : 'J';
    } else {
      for (; i > 0; i--) trace.add('N', 0, i);
      state = 'S';
    }
  }
  return trace.finish();
}

/** The states of one domain that ends after letter i, last to first; returns the position before it. */
function drawDomain(
  profile: SearchProfile,
  { rows, specials }: ProfilePass,
  from: number,
  trace: ReturnType<typeof backwardTrace>,
  stream: Pick<RandomStream, 'uniform'>,
): number {
  const { nodes, local, begin, mm, mi, md, im, ii, dm, dd } = profile;
  const width = nodes + 1;
  let i = from;
  const at = (row: number, state: number, k: number) => rows![(row * 3 + state) * width + k]!;
  let [state, k] = drawEnd(rows!.subarray(i * 3 * width, (i + 1) * 3 * width), nodes, local, stream);
  for (;;) {
    if (state === 'M') {
      trace.add('M', k, i);
      i--;
      const weights = [
        specials[5 * i + B]! * begin[k]!,
        at(i, 0, k - 1) * mm[k - 1]!,
        at(i, 1, k - 1) * im[k - 1]!,
        at(i, 2, k - 1) * dm[k - 1]!,
      ];
      const drawn = drawFrom(weights, stream);
      if (drawn === 0) return i;
      state = (['M', 'I', 'D'] as const)[drawn - 1]!;
      k--;
    } else if (state === 'I') {
      trace.add('I', k, i);
      i--;
      state = drawFrom([at(i, 0, k) * mi[k]!, at(i, 1, k) * ii[k]!], stream) === 0 ? 'M' : 'I';
    } else {
      trace.add('D', k);
      k--;
      state = drawFrom([at(i, 0, k) * md[k]!, at(i, 2, k) * dd[k]!], stream) === 0 ? 'M' : 'D';
    }
  }
}

function drawEnd(
  row: Float32Array,
  nodes: number,
  local: boolean,
  stream: Pick<RandomStream, 'uniform'>,
): ['M' | 'I' | 'D', number] {
  const width = nodes + 1;
  if (!local) return [drawFrom([row[nodes]!, row[2 * width + nodes]!], stream) === 0 ? 'M' : 'D', nodes];
  // In HMMER's order, whose paths these are to equal: four nodes a quarter of the profile apart, match before delete.
  const quarter = Math.max(2, Math.ceil(nodes / 4));
  const ends = new Float64Array(8 * quarter);
  for (let q = 0; q < quarter; q++)
    for (let r = 0; r < 4; r++) {
      const k = r * quarter + q + 1;
      if (k > nodes) continue;
      ends[8 * q + r] = row[k]!;
      ends[8 * q + 4 + r] = row[2 * width + k]!;
    }
  const drawn = drawFrom(ends, stream);
  const k = (drawn % 4) * quarter + Math.floor(drawn / 8) + 1;
  return [drawn % 8 < 4 ? 'M' : 'D', k];
}
