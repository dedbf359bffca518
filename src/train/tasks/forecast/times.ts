import { dataError } from '../../../core/errors.ts';

/** How a table writes its times. */
export type TimeKind = 'number' | 'date';

/** A regular course of times: numbers, milliseconds or months between neighbours. */
export interface Clock {
  readonly kind: TimeKind;
  readonly unit: 'number' | 'milliseconds' | 'months';
  readonly step: number;
  /** Of months: the last day of each, however many it has. */
  readonly ends: boolean;
}

const numberText = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const dateText =
  /^(\d{4})-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?)?$/;

/** Number, or milliseconds since 1970 of an ISO 8601 date (UTC where it names no zone); undefined for anything else. */
export function readTime(text: string, kind: TimeKind): number | undefined {
  if (kind === 'number') return numberText.test(text) ? Number(text) : undefined;
  const parts = dateText.exec(text);
  if (!parts) return undefined;
  const [, year, month, day = '01', hour, , , zone] = parts;
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > days) return undefined;
  const date = `${year}-${month}-${day}`;
  if (hour === undefined) return Date.parse(`${date}T00:00Z`);
  const clock = text.slice(11).replace(/(Z|[+-]\d{2}:?\d{2})$/, '');
  const found = Date.parse(`${date}T${clock}${zone ? zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2') : 'Z'}`);
  return Number.isNaN(found) ? undefined : found;
}

/** Dates or numbers, as the first time is written. Throws a data error that begins with `where` for anything else. */
export function timeKind(first: string, where: string): TimeKind {
  for (const kind of ['number', 'date'] as const) if (readTime(first, kind) !== undefined) return kind;
  throw dataError(
    `${where}: the time is "${first}"; expected a number, or a date such as 2024-01-31 or 2024-01-31T06:00Z.`,
  );
}

const monthOf = (ms: number) => {
  const date = new Date(ms);
  return 12 * date.getUTCFullYear() + date.getUTCMonth();
};
const day = 86_400_000;

const withinDay = (ms: number) => ((ms % day) + day) % day;

/** Whether all stand at one place of their month, so that months are the natural unit: `same` distance from its start, or its last day. */
function placeInMonth(times: readonly number[]): 'same' | 'end' | undefined {
  const place = (ms: number) => ms - Date.UTC(new Date(ms).getUTCFullYear(), new Date(ms).getUTCMonth(), 1);
  const [first] = times as [number];
  if (times.every((ms) => place(ms) === place(first))) return 'same';
  const isEnd = (ms: number) => monthOf(ms + day) === monthOf(ms) + 1 && withinDay(ms) === withinDay(first);
  return times.every(isEnd) ? 'end' : undefined;
}

/**
 * The clock that all series go by: each difference is a whole multiple of the commonest one. Undefined where times are not evenly
 * spaced in this sense. Months and years are told by dates that stand at one place of their month.
 */
export function clockOf(series: readonly (readonly number[])[], kind: TimeKind): Clock | undefined {
  const all = series.filter((times) => times.length > 1);
  if (all.length === 0) return undefined;
  const places = kind === 'date' ? new Set(all.map(placeInMonth)) : new Set([undefined]);
  const months = !places.has(undefined);
  const unit = kind === 'number' ? 'number' : months ? 'months' : 'milliseconds';
  const position = months ? monthOf : (t: number) => t;
  const counts = new Map<number, number>();
  for (const times of all)
    for (let i = 1; i < times.length; i++) {
      const difference = position(times[i]!) - position(times[i - 1]!);
      const key = Number(difference.toPrecision(9));
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  let step = 0;
  let most = 0;
  for (const [difference, count] of counts)
    if (count > most || (count === most && difference < step)) [step, most] = [difference, count];
  const even = [...counts.keys()].every((d) => {
    const multiple = d / step;
    return Math.abs(multiple - Math.round(multiple)) < 1e-6 && Math.round(multiple) >= 1;
  });
  return even ? { kind, unit, step, ends: places.has('end') } : undefined;
}

/** How many steps of the clock lie between two times. */
export const stepsBetween = ({ unit, step }: Clock, from: number, to: number): number =>
  Math.round((unit === 'months' ? monthOf(to) - monthOf(from) : to - from) / step);

/** The time so many steps after one that is written as `text`, written in the same way. */
export function timeAfter({ kind, unit, step, ends }: Clock, text: string, steps: number): string {
  const from = readTime(text, kind)!;
  if (kind === 'number') {
    const places = Math.max(decimals(text), decimals(String(step)));
    return String(Number((from + steps * step).toFixed(Math.min(20, places))));
  }
  if (unit === 'milliseconds') return dateLike(text, new Date(from + steps * step));
  const date = new Date(from);
  const months = monthOf(from) + steps * step;
  const [year, month] = [Math.floor(months / 12), months % 12];
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const dayOf = ends ? last : Math.min(last, date.getUTCDate());
  return dateLike(text, new Date(Date.UTC(year, month, dayOf) + withinDay(from)));
}

const decimals = (text: string) => (/e/i.test(text) ? 15 : (text.split('.')[1]?.length ?? 0));

/** As exact as the text: month, day, or instant (in UTC). */
function dateLike(text: string, date: Date): string {
  const iso = date.toISOString();
  if (text.length <= 10) return iso.slice(0, text.length);
  const seconds = /:\d{2}:\d{2}/.test(text) ? iso.slice(11, 19) : iso.slice(11, 16);
  return `${iso.slice(0, 10)}${text[10]}${seconds}${/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? 'Z' : ''}`;
}
