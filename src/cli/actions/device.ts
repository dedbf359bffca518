import { chosenDevice, type Device } from '../../runtime/compile.ts';
import type { Messages } from '../messages.ts';

/** The device that is meant, said aloud where `auto` has to do without native kernels. */
export async function deviceFor(asked: Device, messages: Messages): Promise<'cpu' | 'wasm'> {
  const { device, problem } = await chosenDevice(asked);
  if (problem) messages.say(`${problem} Running as WebAssembly instead, more slowly.`);
  return device;
}
