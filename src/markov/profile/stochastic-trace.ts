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
  stream: RandomStream,
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
  stream: RandomStream,
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
        at(i, 0, k - 1) * mm[k - 1]!,
        at(i, 1, k - 1) * im[k - 1]!,
        at(i, 2, k - 1) * dm[k - 1]!,
        specials[5 * i + B]! * begin[k]!,
      ];
      const drawn = drawFrom(weights, stream);
      if (drawn === 3) return i;
      state = (['M', 'I', 'D'] as const)[drawn]!;
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
  stream: RandomStream,
): ['M' | 'I' | 'D', number] {
  const width = nodes + 1;
  if (!local) return [drawFrom([row[nodes]!, row[2 * width + nodes]!], stream) === 0 ? 'M' : 'D', nodes];
  const ends = new Float64Array(2 * width);
  ends.set(row.subarray(0, width));
  ends.set(row.subarray(2 * width, 3 * width), width);
  const drawn = drawFrom(ends, stream);
  return drawn < width ? ['M', drawn] : ['D', drawn - width];
}
