#!/usr/bin/env node
// Small, so that --version and --help cost no more than Node itself: everything else is loaded by need.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => new URL(`../${path}`, import.meta.url);
const [first] = process.argv.slice(2);

if (first === '--version' || first === '-V') {
  process.stdout.write(`${JSON.parse(readFileSync(at('package.json'), 'utf8')).version}\n`);
} else {
  if (!existsSync(at('dist/cli/main.js'))) await build();
  const { main } = await import('../dist/cli/main.js');
  await main(process.argv.slice(2));
}

// A published package brings dist/; only a fresh clone comes here, once.
async function build() {
  const { spawnSync } = await import('node:child_process');
  process.stderr.write('seqwright: building dist/ from the sources, once …\n');
  const script = fileURLToPath(at('scripts/build.js'));
  const { status } = spawnSync(process.execPath, [script], { stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  process.stderr.write('seqwright: the build failed. Run npm ci, then npm run build.\n');
  process.exit(1);
}
