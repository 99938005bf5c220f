import fc from 'fast-check';
import { DomainError } from './errors.js';
import { HOUR_MS, lengthMs } from './interval.js';
import { localTime, monthInterval, monthOf, parseTimeZone, startOfLocalDay } from './zone.js';

const iso = (instant: number) => new Date(instant).toISOString();
const bounds = (month: string, zone: string) => {
  const { from, to } = monthInterval(month, zone);
  return [iso(from), iso(to)];
};

describe('parseTimeZone', () => {
  it.each([
    ['Europe/Amsterdam', 'Europe/Amsterdam'],
    ['europe/amsterdam', 'Europe/Amsterdam'],
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
    ['UTC', 'UTC'],
  ])('reads %s as %s', (text, zone) => expect(parseTimeZone(text, 'timeZone')).toBe(zone));

  it.each(['', 'Mars/Olympus', '+05:30', '-08', 'Europe/Amsterdam ', null, undefined, 1])('refuses %p', (text) => {
    expect(() => parseTimeZone(text, 'site.timeZone')).toThrow(DomainError);
    expect(() => parseTimeZone(text, 'site.timeZone')).toThrow(/^site\.timeZone: must be an IANA time zone/);
  });
});

describe('monthInterval', () => {
  it.each([
    ['2026-03', 'Europe/Amsterdam', 743],
    ['2026-10', 'Europe/Amsterdam', 745],
    ['2026-02', 'Europe/Amsterdam', 672],
    ['2028-02', 'Europe/Amsterdam', 696],
    ['2026-03', 'America/New_York', 743],
    ['2026-11', 'America/New_York', 721],
    ['2026-04', 'Australia/Lord_Howe', 720.5],
    ['2026-12', 'UTC', 744],
  ])('%s in %s has %d hours', (month, zone, hours) => {
    expect(lengthMs(monthInterval(month, zone)) / HOUR_MS).toBe(hours);
  });

  it.each([
    ['2026-03', 'Europe/Amsterdam', '2026-02-28T23:00:00.000Z', '2026-03-31T22:00:00.000Z'],
    ['2026-12', 'Europe/Amsterdam', '2026-11-30T23:00:00.000Z', '2026-12-31T23:00:00.000Z'],
    ['2026-01', 'Asia/Kolkata', '2025-12-31T18:30:00.000Z', '2026-01-31T18:30:00.000Z'],
    ['2026-01', 'Asia/Kathmandu', '2025-12-31T18:15:00.000Z', '2026-01-31T18:15:00.000Z'],
    ['2026-01', 'Pacific/Kiritimati', '2025-12-31T10:00:00.000Z', '2026-01-31T10:00:00.000Z'],
  ])('%s in %s', (month, zone, from, to) => expect(bounds(month, zone)).toEqual([from, to]));

  it('begins where the clock goes on when midnight does not exist', () => {
    // Asunción sprang forward from 00:00 to 01:00 on 1 October 2023.
    const { from } = monthInterval('2023-10', 'America/Asuncion');
    expect(localTime(from, 'America/Asuncion')).toMatchObject({ month: 10, day: 1, hour: 1, minute: 0 });
    expect(localTime(from - 1, 'America/Asuncion')).toMatchObject({ month: 9, day: 30, hour: 23 });
  });

  it.each(['2026-13', '2026-00', '2026-1', '26-01', '2026', '2026-01-01', '', '2026-01 '])('refuses %p', (month) => {
    expect(() => monthInterval(month, 'UTC')).toThrow(/^month: must be a month written YYYY-MM/);
  });

  it('of neighbours meet, and every instant lies in its own month', () => {
    const zones = [
      'Europe/Amsterdam',
      'America/New_York',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
      'Africa/Cairo',
      'America/Havana',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2040, 0) }),
        (zone, instant) => {
          const own = monthInterval(monthOf(instant, zone), zone);
          expect(own.from).toBeLessThanOrEqual(instant);
          expect(own.to).toBeGreaterThan(instant);
          expect(monthInterval(monthOf(own.to, zone), zone).from).toBe(own.to);
          expect(monthOf(own.from - 1, zone)).not.toBe(monthOf(own.from, zone));
        },
      ),
    );
  });
});

describe('startOfLocalDay', () => {
  it('takes the first of two midnights', () => {
    // Havana falls back from 01:00 to 00:00 on 1 November 2026.
    expect(iso(startOfLocalDay(2026, 11, 1, 'America/Havana'))).toBe('2026-11-01T04:00:00.000Z');
  });

  it('is not moved by a change to or from daylight saving later on the same day', () => {
    expect(iso(startOfLocalDay(2026, 3, 29, 'Europe/Amsterdam'))).toBe('2026-03-28T23:00:00.000Z');
    expect(iso(startOfLocalDay(2026, 10, 25, 'Europe/Amsterdam'))).toBe('2026-10-24T22:00:00.000Z');
  });

  it('of a day that a zone left out is the start of the next', () => {
    // Samoa went from 29 to 31 December 2011.
    expect(startOfLocalDay(2011, 12, 30, 'Pacific/Apia')).toBe(startOfLocalDay(2011, 12, 31, 'Pacific/Apia'));
  });
});
