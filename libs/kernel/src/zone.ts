import { invalid } from './errors.js';
import type { Interval } from './interval.js';

/**
 * Checks an IANA time zone name against the runtime's own list and returns it as it is written there. The name given is
 * kept where the runtime only knows it under an older one: Asia/Kolkata stays Asia/Kolkata, not Asia/Calcutta.
 */
export function parseTimeZone(text: unknown, field: string): string {
  try {
    if (typeof text !== 'string' || !/^[A-Za-z]/.test(text)) throw new RangeError('not a name');
    const known = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
    return known.toLowerCase() === text.toLowerCase() ? known : text;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw invalid({ field, value: text, rule: 'must be an IANA time zone, such as "Europe/Amsterdam"' });
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US-u-ca-iso8601', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(zone, format);
  }
  return format;
}

export interface LocalTime {
  readonly year: number;
  /** 1–12 */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** The wall clock of a zone at an instant. */
export function localTime(instant: number, zone: string): LocalTime {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(instant)) parts[type] = Number(value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
  return { year, month, day, hour, minute, second };
}

const offsetAt = (instant: number, zone: string): number => {
  const l = localTime(instant, zone);
  return Date.UTC(l.year, l.month - 1, l.day, l.hour, l.minute, l.second) - Math.floor(instant / 1000) * 1000;
};

/**
 * The instant at which a zone's wall clock shows the local midnight. Where that hour does not exist (a spring-forward at
 * midnight), the first instant of the day.
 */
export function startOfLocalDay(year: number, month: number, day: number, zone: string): number {
  const wall = Date.UTC(year, month - 1, day);
  const candidates = [offsetAt(wall - 86_400_000, zone), offsetAt(wall + 86_400_000, zone)].map(
    (offset) => wall - offset,
  );
  const matches = candidates.filter((instant) => {
    const l = localTime(instant, zone);
    return Date.UTC(l.year, l.month - 1, l.day, l.hour, l.minute, l.second) === wall;
  });
  return matches.length > 0 ? Math.min(...matches) : Math.max(...candidates);
}

/** The calendar month "YYYY-MM" of a zone as instants; days of 23 and 25 hours come out right. */
export function monthInterval(month: string, zone: string): Interval {
  const match = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(month);
  if (!match) throw invalid({ field: 'month', value: month, rule: 'must be a month written YYYY-MM' });
  const [year, number] = [Number(match[1]), Number(match[2])];
  const next = number === 12 ? { year: year + 1, month: 1 } : { year, month: number + 1 };
  return { from: startOfLocalDay(year, number, 1, zone), to: startOfLocalDay(next.year, next.month, 1, zone) };
}

/** The month "YYYY-MM" that holds an instant in a zone. */
export function monthOf(instant: number, zone: string): string {
  const l = localTime(instant, zone);
  return `${l.year}-${String(l.month).padStart(2, '0')}`;
}
