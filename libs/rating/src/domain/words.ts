import { type Interval, localTime } from '@throughline/kernel';

const two = (n: number): string => String(n).padStart(2, '0');

/** "2026-01-12 08:00" on the wall clock of a zone; seconds only where there are some. */
export function instantText(instant: number, zone: string): string {
  const l = localTime(instant, zone);
  const seconds = l.second === 0 ? '' : `:${two(l.second)}`;
  return `${l.year}-${two(l.month)}-${two(l.day)} ${two(l.hour)}:${two(l.minute)}${seconds}`;
}

export const intervalText = (i: Interval, zone: string): string =>
  `${instantText(i.from, zone)} to ${instantText(i.to, zone)} (${zone})`;

const MAX_NAMED = 5;

/** "AC-1, AC-2 and 18 more". */
export function namesText(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMED).join(', ');
  return names.length > MAX_NAMED ? `${shown} and ${names.length - MAX_NAMED} more` : shown;
}

export const countText = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** Hours with two decimals at most, for reading only: figures are never computed from it. */
export const hoursText = (ms: number): string => `${(ms / 3_600_000).toFixed(2).replace(/\.?0+$/, '')} h`;
