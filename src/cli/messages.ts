import { duration } from '../report/format.ts';
import { oneLine } from './error-text.ts';

/** Messages and progress on standard error; results go to standard output. */
export interface Messages {
  say(text: string): void;
  /** Shows how far the work is: a bar that is drawn over on a terminal, nothing elsewhere. */
  progress(text: string, done: number, secondsLeft?: number): void;
  /** A line of a log; on a terminal the bar says the same. */
  log(text: string): void;
  /** Takes the bar away. */
  clear(): void;
}

const redrawMilliseconds = 100;
const barWidth = 24;

/** Opens the messages of a verb; `quiet` lets errors through only. */
export function openMessages({ quiet = false }: { quiet?: boolean | undefined } = {}): Messages {
  if (quiet) return { say() {}, progress() {}, log() {}, clear() {} };
  const out = process.stderr;
  let drawn = Number.NEGATIVE_INFINITY;
  const clear = () => {
    if (barShown) out.write('\r\u001b[K');
    barShown = false;
  };
  const line = (text: string) => {
    clear();
    out.write(`${oneLine(text)}\n`);
  };
  return {
    say: line,
    log: (text) => {
      if (!out.isTTY) line(text);
    },
    progress(text, done, secondsLeft) {
      const now = performance.now();
      if (!out.isTTY || now - drawn < redrawMilliseconds) return;
      drawn = now;
      barShown = true;
      out.write(`\r\u001b[K${barText(text, done, secondsLeft, out.columns || 80)}`);
    },
    clear,
  };
}

/** There is one terminal, and one bar on it. */
let barShown = false;

/** An error or warning from outside the flow of a verb. */
export function errorLine(text: string): void {
  process.stderr.write(`${barShown ? '\r\u001b[K' : ''}seqwright: ${oneLine(text)}\n`);
  barShown = false;
}

/** `━━━━━━────── 48 %  epoch 3 of 8, loss 0.412, 2 min left`, cut to the terminal's width. */
export function barText(text: string, done: number, secondsLeft: number | undefined, columns: number) {
  const share = Math.min(1, Math.max(0, done));
  const filled = Math.round(share * barWidth);
  const left =
    secondsLeft === undefined || !Number.isFinite(secondsLeft) ? '' : `, ${duration(secondsLeft)} left`;
  const bar = `${'━'.repeat(filled)}${'─'.repeat(barWidth - filled)}`;
  const percent = `${Math.floor(100 * share)} %`.padStart(5);
  return `${bar} ${percent}  ${oneLine(text)}${left}`.slice(0, Math.max(10, columns - 1));
}
