// @ts-check
/** One peer process and the lines exchanged with it. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * @param {import('./peers.js').Launch} launch
 * @returns {Promise<{ hello: any, ask: (message: object) => Promise<any>, close: () => Promise<void> }>}
 */
export async function converse({ command, args, cwd, env }) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: 'pipe' });
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints = (complaints + chunk).slice(-2000);
  });
  child.stdin.on('error', () => {});
  const gone = new Promise((resolve) => child.on('close', resolve).on('error', resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) {
      await gone;
      throw new Error(
        `the process ended: ${complaints.trim().split('\n').slice(-3).join(' | ') || 'no word'}`,
      );
    }
    return JSON.parse(value);
  };
  const ask = async (message) => {
    child.stdin.write(`${JSON.stringify(message)}\n`);
    const reply = await next();
    if (reply.error) throw new Error(reply.error);
    return reply;
  };
  const close = async () => {
    child.stdin.end();
    const stuck = setTimeout(() => child.kill(), 3000);
    await gone;
    clearTimeout(stuck);
  };
  return { hello: await next(), ask, close };
}
