// @ts-check
/**
 * Who is measured, and how each is started. A peer may have several launches (settings that can only be chosen when a
 * process starts); for every workload the quickest of them is the one that counts.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {{ label: string, command: string, args: string[], cwd: string, env: Record<string, string> }} Launch */
/**
 * @typedef {object} Peer
 * @property {string} id
 * @property {string} title
 * @property {(threads: number, file?: string) => Launch[]} launches its own program, or another of `peers/`
 * @property {() => string | null} missing why it cannot be started here
 */

const root = fileURLToPath(new URL('..', import.meta.url));

/** Where `setup.sh` put the peers. */
export const home = resolve(process.env.SEQWRIGHT_BENCH ?? join(root, '.bench'));
const npm = join(home, 'npm');
const python = join(home, 'python/bin/python');
const script = (name) => join(root, 'bench/peers', name);
const absent = (path, what) => (existsSync(path) ? null : `${what} is not installed (bench/setup.sh)`);
const tensorflowBinding = join(npm, 'node_modules/@tensorflow/tfjs-node/lib/napi-v8/tfjs_binding.node');

/** Thread counts of the numeric libraries that read them from the environment. */
function limits(threads) {
  const count = String(threads);
  return {
    ...{ OMP_NUM_THREADS: count, MKL_NUM_THREADS: count, OPENBLAS_NUM_THREADS: count },
    ...{
      TF_NUM_INTRAOP_THREADS: count,
      TF_NUM_INTEROP_THREADS: '1',
      TF_CPP_MIN_LOG_LEVEL: '2',
      PYTHONDONTWRITEBYTECODE: '1',
    },
  };
}

/** @returns {Launch} */
function launch(label, command, file, threads, { args = [], cwd = root, env = {} } = {}) {
  return {
    ...{ label, command, cwd, args: [script(file), String(threads), ...args] },
    env: { ...limits(threads), ...env },
  };
}

function tensorflowLaunches(threads) {
  const backends = existsSync(tensorflowBinding) ? ['native', 'wasm'] : ['wasm'];
  return backends.map((backend) =>
    launch(backend, process.execPath, 'tfjs.js', threads, { args: [backend], cwd: npm }),
  );
}

function pythonLaunches(threads, file) {
  return [
    launch('', python, file, threads),
    // Waiting threads that spin take the core from the one that works; which is better depends on the workload.
    ...(threads > 1
      ? [launch('passive wait', python, file, threads, { env: { OMP_WAIT_POLICY: 'passive' } })]
      : []),
  ];
}

/** @type {Peer[]} */
export const peers = [
  {
    id: 'seqwright',
    title: 'Seqwright',
    launches: (threads, file = 'seqwright.js') => [launch('', process.execPath, file, threads)],
    missing: () =>
      absent(script('seqwright.js'), 'Our own peer') ?? absent(join(root, 'dist'), 'Our own build'),
  },
  {
    id: 'pytorch',
    title: 'PyTorch',
    launches: (threads, file = 'pytorch.py') => pythonLaunches(threads, file),
    missing: () => absent(python, 'PyTorch'),
  },
  {
    id: 'jax',
    title: 'JAX',
    launches: (threads) => [launch('', python, 'jaxcpu.py', threads)],
    missing: () => absent(python, 'JAX'),
  },
  {
    id: 'tfjs',
    title: 'TensorFlow.js',
    launches: tensorflowLaunches,
    missing: () => absent(join(npm, 'node_modules/@tensorflow/tfjs'), 'TensorFlow.js'),
  },
  {
    id: 'jaxjs',
    title: 'jax-js',
    launches: (threads) => [launch('', process.execPath, 'jaxjs.js', threads, { cwd: npm })],
    missing: () => absent(join(npm, 'node_modules/@jax-js/jax'), 'jax-js'),
  },
  {
    id: 'huggingface',
    title: 'Hugging Face',
    launches: (threads, file = 'huggingface.py') => pythonLaunches(threads, file),
    missing: () => absent(python, 'Hugging Face transformers'),
  },
];
