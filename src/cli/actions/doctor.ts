import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { SeqwrightError } from '../../core/errors.ts';
import { version } from '../../core/version.ts';
import { dna } from '../../data/alphabet.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { train } from '../../train/train-model.ts';
import { packageVersion } from './manifest.ts';
import { planted } from './planted-dataset.ts';

/** What trying a device showed. */
interface DeviceCheck {
  device: 'cpu' | 'wasm';
  works: boolean;
  runtime: string;
  seconds?: number;
  problem?: string;
}

const devices = [
  { device: 'cpu', runtime: 'onnxruntime-node' },
  { device: 'wasm', runtime: 'onnxruntime-web' },
] as const;

/** Trains a tiny model on each device, and prints what works and what this machine offers. */
export async function doctor({ json = false }: { json?: boolean }): Promise<void> {
  const checks: DeviceCheck[] = [];
  for (const { device, runtime } of devices)
    checks.push({ device, runtime: `${runtime} ${packageVersion(runtime)}`, ...(await tryDevice(device)) });
  const machine = {
    seqwright: version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: { total: gibibytes(totalmem()), free: gibibytes(freemem()) },
  };
  await atomicWrite(
    '-',
    json ? `${JSON.stringify({ ...machine, devices: checks }, null, 2)}\n` : text(machine, checks),
  );
  if (!checks.some(({ works }) => works)) process.exitCode = 1;
}

const gibibytes = (bytes: number) => Math.round((10 * bytes) / 2 ** 30) / 10;

/** Trains until the loss has fallen; the second fit is timed, the first one loads the runtime. */
async function tryDevice(
  device: 'cpu' | 'wasm',
): Promise<Pick<DeviceCheck, 'works' | 'seconds' | 'problem'>> {
  const dataset = planted(dna);
  const trainTiny = () =>
    train(
      { architecture: 'cnn', config: { filters: [16], kernels: [7], pools: [1], dense: [], dropout: 0 } },
      dataset,
      { epochs: 8, rate: 1e-2, validation: 0, device, threads: 1, seed: 1 },
    );
  try {
    await trainTiny();
    const { fit: timed } = await trainTiny();
    const [first, last] = [timed.history[0]!.trainLoss, timed.history.at(-1)!.trainLoss];
    if (last < first) return { works: true, seconds: timed.seconds };
    return { works: false, problem: `training did not lower the loss: ${first}, then ${last}` };
  } catch (error) {
    const { message, stack } = error as Error;
    return { works: false, problem: error instanceof SeqwrightError ? message : (stack ?? message) };
  }
}

function text(machine: Record<string, unknown>, checks: DeviceCheck[]): string {
  const { memoryGiB, ...plain } = machine as { memoryGiB: { total: number; free: number } };
  const fastest = Math.min(...checks.map(({ seconds }) => seconds ?? Number.POSITIVE_INFINITY));
  const rows: [string, string][] = [
    ...Object.entries(plain).map(([key, value]): [string, string] => [key, String(value)]),
    ['memory', `${memoryGiB.total} GiB, ${memoryGiB.free} GiB free`],
    ...checks.map(({ device, works, runtime, seconds, problem }): [string, string] => [
      `device ${device}`,
      works
        ? `works (${runtime}); a tiny training took ${(1000 * seconds!).toFixed(0)} ms, ${(seconds! / fastest).toFixed(1)} × the fastest`
        : `DOES NOT WORK (${runtime}): ${problem}`,
    ]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}
