import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { version } from '../../core/version.ts';
import type { Manifest, SourceFile } from '../../report/run-report.ts';
import type { Device } from '../../runtime/compile.ts';

const require = createRequire(import.meta.url);

/** The version of an installed package; `unknown` where it does not tell. */
export function packageVersion(name: string): string {
  try {
    // Not every package lets its package.json be asked for: go up from the file that it does give.
    for (let folder = dirname(require.resolve(name)); folder !== dirname(folder); folder = dirname(folder)) {
      const path = join(folder, 'package.json');
      const found = existsSync(path) && JSON.parse(readFileSync(path, 'utf8'));
      if (found && found.name === name) return found.version;
    }
  } catch {
    // Not installed, which the doctor tells better.
  }
  return 'unknown';
}

/** A word as a shell would have to be given it. */
const quoted = (word: string) =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** The command that is running, ready to be typed again. */
export const commandLine = () => ['seqwright', ...process.argv.slice(2)].map(quoted).join(' ');

/** What is needed to make a run again: command, versions, host and the complete configuration. */
export function manifestOf(
  config: unknown,
  data: SourceFile[],
  { device, threads }: { device: Device; threads: number },
): Manifest {
  return {
    command: commandLine(),
    versions: {
      seqwright: version,
      node: process.version,
      'onnxruntime-node': packageVersion('onnxruntime-node'),
      'onnxruntime-web': packageVersion('onnxruntime-web'),
    },
    host: {
      platform: process.platform,
      arch: process.arch,
      processor: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      device,
      threads,
    },
    config,
    data,
  };
}
