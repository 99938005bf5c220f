const formats = new Map<string, Intl.DateTimeFormat>();

/** How far the zone's clocks are ahead of UTC at an instant, ms. */
function offsetAt(instant: number, zone: string): number {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US-u-ca-iso8601', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(instant)) part[type] = Number(value);
  const wall = Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day, part.hour, part.minute, part.second);
  return wall - Math.floor(instant / 1000) * 1000;
}

/** The instant at which the zone's clocks show this local time. Month counts from 1 and may run over. */
export function instantOf(zone: string, year: number, month: number, day = 1, hour = 0): number {
  const wall = Date.UTC(year, month - 1, day, hour);
  const guess = wall - offsetAt(wall, zone);
  // The offset may change between the guess and the answer (daylight saving).
  return wall - offsetAt(guess, zone);
}

export interface LocalDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
}

export function localDay(instant: number, zone: string): LocalDay {
  const wall = new Date(instant + offsetAt(instant, zone));
  return {
    year: wall.getUTCFullYear(),
    month: wall.getUTCMonth() + 1,
    day: wall.getUTCDate(),
    hour: wall.getUTCHours(),
  };
}

/** "2026-11" */
export const monthKey = (year: number, month: number): string => {
  const date = new Date(Date.UTC(year, month - 1, 1));
  return `${date.getUTCFullYear()}-${String(date.getUTCMonth() + 1).padStart(2, '0')}`;
};

export function parseMonth(key: string): { year: number; month: number } {
  const [year, month] = key.split('-').map(Number);
  return { year: year ?? 1970, month: month ?? 1 };
}

/** [from, to) of a month in a zone, ms. */
export function monthSpan(key: string, zone: string): { from: number; to: number } {
  const { year, month } = parseMonth(key);
  return { from: instantOf(zone, year, month), to: instantOf(zone, year, month + 1) };
}

export const monthOf = (instant: number, zone: string): string => {
  const { year, month } = localDay(instant, zone);
  return monthKey(year, month);
};
