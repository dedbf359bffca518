import type { RandomStream } from '../../core/random.ts';
import { drawFrom } from '../draw.ts';
import { DM, IM, MM, type ProfileHmm } from './profile-hmm.ts';
import type { ProfileTrace, TraceState } from './trace.ts';

/** A sequence that a profile emitted, and how. */
export interface ProfileSample {
  readonly codes: Uint8Array;
  readonly text: string;
  /** Its states from begin to end, one domain. */
  readonly trace: ProfileTrace;
}

/**
 * Draws a sequence from a profile, from its first node to its last; never an empty one.
 * @example sampleProfile(profile, randomStream(42, 'sample')).text
 */
export function sampleProfile(profile: ProfileHmm, stream: RandomStream): ProfileSample {
  for (;;) {
    const sample = drawPath(profile, stream);
    if (sample.codes.length > 0) return sample;
  }
}

function drawPath(profile: ProfileHmm, stream: RandomStream): ProfileSample {
  const { nodes, transitions, match, insert, alphabet } = profile;
  const { size } = alphabet;
  const codes: number[] = [];
  const states: TraceState[] = ['B'];
  const at: number[] = [0];
  const positions: number[] = [0];
  let state: 'M' | 'I' | 'D' = 'M';
  let node = 0;
  for (;;) {
    const from = node * 7;
    const options: ('M' | 'I' | 'D')[] =
      state === 'M' ? ['M', 'I', 'D'] : state === 'I' ? ['M', 'I'] : ['M', 'D'];
    const first: number = { M: MM, I: IM, D: DM }[state];
    state = options[drawFrom(transitions, stream, from + first, options.length)]!;
    if (state !== 'I') node++;
    if (node > nodes) break;
    states.push(state);
    at.push(node);
    if (state === 'D') positions.push(0);
    else {
      codes.push(drawFrom(state === 'M' ? match : insert, stream, node * size, size));
      positions.push(codes.length);
    }
  }
  states.push('E');
  at.push(0);
  positions.push(0);
  const text = codes.map((code) => alphabet.letters[code]).join('');
  return { codes: Uint8Array.from(codes), text, trace: { states, nodes: at, positions } };
}
