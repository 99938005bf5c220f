import { DomainError, monthInterval } from '@throughline/kernel';
import fc from 'fast-check';
import {
  type Billable,
  billedMonth,
  CLOSE_GRACE_MS,
  dueMonths,
  mustBeOver,
  runningMonth,
  statementNumber,
} from './period.js';

const HOUR = 3_600_000;
const at = (text: string): number => Date.parse(text);
const contract = (from: string, to: string | null = null, timeZone = 'Europe/Amsterdam'): Billable => ({
  number: 'HF-1',
  timeZone,
  from: at(from),
  to: to === null ? null : at(to),
});

describe('month of a contract', () => {
  it('is the calendar month of the contract zone, with days of 23 and 25 hours', () => {
    const open = contract('2025-01-01T00:00:00Z');
    expect(billedMonth(open, '2026-03').period).toEqual({
      from: at('2026-02-28T23:00:00Z'),
      to: at('2026-03-31T22:00:00Z'),
    });
    const hours = (month: string) => {
      const { from, to } = billedMonth(open, month).period;
      return (to - from) / HOUR;
    };
    expect([hours('2026-02'), hours('2026-03'), hours('2026-10')]).toEqual([28 * 24, 31 * 24 - 1, 31 * 24 + 1]);
  });

  it('knows the part in which the contract runs', () => {
    const short = contract('2026-03-10T12:00:00Z', '2026-03-20T00:00:00Z');
    const { period, part } = billedMonth(short, '2026-03');
    expect(part).toEqual({ from: short.from, to: short.to });
    expect(period).toEqual(billedMonth(contract('2025-01-01T00:00:00Z'), '2026-03').period);
  });

  it.each(['2026-02', '2026-04'])('refuses %s, in which the contract does not run', (month) => {
    const part = contract('2026-03-10T12:00:00Z', '2026-03-20T00:00:00Z');
    expect(() => billedMonth(part, month)).toThrow(/month: must lie within contract HF-1/);
  });

  it.each(['2026-13', '2026-3', 'March', '', '2026-03-01'])('refuses the month %p', (month) => {
    expect(() => billedMonth(contract('2025-01-01T00:00:00Z'), month)).toThrow(/month: must be a month/);
  });

  it('does not bill less than a second', () => {
    const late = contract('2026-03-31T21:59:59.500Z');
    expect(() => billedMonth(late, '2026-03')).toThrow(/must lie within/);
    expect(dueMonths(late, at('2026-06-01T00:00:00Z'), new Set())).toEqual(['2026-04', '2026-05']);
  });

  it('bills a second, the least there is, at either end', () => {
    const last = contract('2026-03-31T21:59:59Z');
    expect(billedMonth(last, '2026-03').part).toEqual({ from: last.from, to: at('2026-03-31T22:00:00Z') });
    expect(dueMonths(last, at('2026-05-10T00:00:00Z'), new Set())).toEqual(['2026-03', '2026-04']);
    const first = contract('2026-02-10T00:00:00Z', '2026-03-31T22:00:01Z');
    expect(dueMonths(first, at('2026-05-10T00:00:00Z'), new Set())).toEqual(['2026-02', '2026-03', '2026-04']);
    expect(dueMonths({ ...first, to: (first.to ?? 0) - 1 }, at('2026-05-10T00:00:00Z'), new Set())).toEqual([
      '2026-02',
      '2026-03',
    ]);
  });

  it('is, in every zone and however the clocks change, the days that its wall clock shows', () => {
    const zones = ['Europe/Amsterdam', 'America/Santiago', 'Asia/Kathmandu', 'Africa/Casablanca', 'Pacific/Apia'];
    const month = fc.tuple(fc.integer({ min: 2016, max: 2035 }), fc.integer({ min: 1, max: 12 }));
    fc.assert(
      fc.property(fc.constantFrom(...zones), month, (timeZone, [year, number]) => {
        const open = { number: 'HF-1', timeZone, from: at('2015-01-01T00:00:00Z'), to: null };
        const text = `${year}-${String(number).padStart(2, '0')}`;
        const { period, part } = billedMonth(open, text);
        expect(part).toEqual(period);
        const wall = (instant: number) =>
          new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(instant);
        // The first and the last second of the month, and their neighbours outside it.
        expect(wall(period.from).slice(0, 10)).toBe(`${text}-01`);
        expect([wall(period.from - 1).slice(0, 7), wall(period.to).slice(0, 7)]).not.toContain(text);
        expect(wall(period.to - 1).slice(0, 7)).toBe(text);
        expect(runningMonth(open, period.from)).toBe(text);
        expect(runningMonth(open, period.to - 1)).toBe(text);
      }),
      { numRuns: 60 },
    );
  });

  it('cannot be closed before it is over', () => {
    const march = billedMonth(contract('2025-01-01T00:00:00Z'), '2026-03');
    expect(() => mustBeOver(march, '2026-03', march.period.to)).not.toThrow();
    expect(() => mustBeOver(march, '2026-03', march.period.to - 1)).toThrow(
      expect.objectContaining<Partial<DomainError>>({
        code: 'STATE_CONFLICT',
        message: 'month: 2026-03 is not over before 2026-03-31T22:00:00.000Z, so it cannot be closed yet',
      }),
    );
  });

  it('is over with the hour of UTC that its end lies in', () => {
    const kolkata = contract('2025-01-01T00:00:00Z', null, 'Asia/Kolkata');
    const march = billedMonth(kolkata, '2026-03');
    expect(new Date(march.period.to).toISOString()).toBe('2026-03-31T18:30:00.000Z');
    expect(() => mustBeOver(march, '2026-03', at('2026-03-31T18:59:59Z'))).toThrow(/not over before 2026-03-31T19:00/);
    expect(() => mustBeOver(march, '2026-03', at('2026-03-31T19:00:00Z'))).not.toThrow();
  });

  it('can be closed when the contract has ended within it', () => {
    const ended = billedMonth(contract('2025-01-01T00:00:00Z', '2026-03-10T00:00:00Z'), '2026-03');
    expect(() => mustBeOver(ended, '2026-03', at('2026-03-10T00:00:00Z'))).not.toThrow();
  });

  it('numbers statements by contract and month', () => {
    expect(statementNumber('HF-2025-03', '2026-10')).toBe('HF-2025-03/2026-10');
  });
});

describe('months that are due', () => {
  const open = contract('2025-11-15T00:00:00Z');

  it('are those over for the grace time, oldest first', () => {
    const end = monthInterval('2026-01', 'Europe/Amsterdam').to;
    expect(dueMonths(open, end + CLOSE_GRACE_MS - 1, new Set())).toEqual(['2025-11', '2025-12']);
    expect(dueMonths(open, end + CLOSE_GRACE_MS, new Set())).toEqual(['2025-11', '2025-12', '2026-01']);
  });

  it('leave out those closed, whichever they are', () => {
    const closed = new Set(['2025-11', '2026-01'].map((month) => monthInterval(month, 'Europe/Amsterdam').from));
    expect(dueMonths(open, at('2026-04-10T00:00:00Z'), closed)).toEqual(['2025-12', '2026-02', '2026-03']);
  });

  it('end with the contract, whose last part is due an hour after its end', () => {
    const ended = contract('2025-12-01T00:00:00Z', '2026-01-10T00:00:00Z');
    expect(dueMonths(ended, at('2026-01-10T00:59:59Z'), new Set())).toEqual(['2025-12']);
    expect(dueMonths(ended, at('2026-01-10T01:00:00Z'), new Set())).toEqual(['2025-12', '2026-01']);
    expect(dueMonths(ended, at('2030-01-01T00:00:00Z'), new Set())).toEqual(['2025-12', '2026-01']);
  });

  it('are none before the contract begins', () => {
    expect(dueMonths(contract('2030-01-01T00:00:00Z'), at('2026-01-01T00:00:00Z'), new Set())).toEqual([]);
  });

  it('go on after years of closed ones', () => {
    const old = contract('2020-01-01T00:00:00Z', null, 'UTC');
    const now = at('2026-01-15T00:00:00Z');
    const closed = new Set(dueMonths(old, now, new Set()).map((month) => billedMonth(old, month).period.from));
    expect(closed.size).toBe(72);
    expect(dueMonths(old, at('2026-02-15T00:00:00Z'), closed)).toEqual(['2026-01']);
  });

  it('tile the contract in every zone: no instant is billed twice or never', () => {
    const zones = ['Europe/Amsterdam', 'America/Sao_Paulo', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC'];
    const span = { min: at('2015-01-01T00:00:00Z'), max: at('2029-12-31T00:00:00Z') };
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer(span), fc.integer(span), (timeZone, a, b) => {
        fc.pre(Math.abs(a - b) > 40 * 24 * HOUR);
        const one = { number: 'HF-1', timeZone, from: Math.min(a, b), to: Math.max(a, b) };
        const periods = dueMonths(one, one.to + 3 * CLOSE_GRACE_MS, new Set()).map((m) => billedMonth(one, m).part);
        periods.slice(1).forEach((period, i) => {
          expect(period.from).toBe(periods[i]?.to);
        });
        // Only a part of less than a second at an end may be missing.
        expect((periods[0]?.from ?? 0) - one.from).toBeLessThan(1_000);
        expect(one.to - (periods.at(-1)?.to ?? 0)).toBeLessThan(1_000);
      }),
      { numRuns: 60 },
    );
  });
});

describe('running month', () => {
  const part = contract('2026-03-10T12:00:00Z', '2026-05-31T22:00:00Z');

  it.each([
    ['2026-01-05T00:00:00Z', '2026-03'],
    ['2026-03-31T21:59:59Z', '2026-03'],
    ['2026-03-31T22:00:00Z', '2026-04'],
    ['2027-01-01T00:00:00Z', '2026-05'],
  ])('at %s is %s', (now, month) => {
    expect(runningMonth(part, at(now))).toBe(month);
  });
});
