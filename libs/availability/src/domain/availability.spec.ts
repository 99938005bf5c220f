import { Decimal, type Interval, intersect } from '@throughline/kernel';
import fc from 'fast-check';
import { availabilityOf, lookBackMs, rawDefinition } from './availability.js';
import { type Category, categories, type TimelineInterval } from './category.js';
import type { AvailabilityDefinition, UnknownRule } from './definition.js';

const HOUR = 3_600_000;
const MIN = 60_000;

/** "8h producing, 1h vendor_down" from `from` on. */
function timeline(text: string, from = 0): TimelineInterval[] {
  let at = from;
  return text.split(', ').map((part) => {
    const [length = '', category = '', fraction] = part.split(' ');
    const start = at;
    at += Number(length.slice(0, -1)) * (length.endsWith('h') ? HOUR : MIN);
    return {
      from: start,
      to: at,
      category: category as Category,
      ...(fraction === undefined ? {} : { fraction }),
      source: 'state_map',
      detail: category,
      evidence: { messages: 0 },
    };
  });
}

const contractual: AvailabilityDefinition = {
  up: ['producing', 'ready', 'degraded'],
  down: ['vendor_down'],
  excluded: ['planned_maintenance', 'customer_caused', 'utility', 'force_majeure'],
  exclusions: 'removed',
  unknown: { mode: 'excluded' },
  degraded: 'by_fraction',
  decimals: 2,
};
const day: Interval = { from: 0, to: 24 * HOUR };
const percent = (text: string, definition: AvailabilityDefinition, period: Interval = day) =>
  availabilityOf(timeline(text), period, definition).percent;

describe('availabilityOf', () => {
  it('adds up to the period', () => {
    const figure = availabilityOf(
      timeline('10h producing, 2h vendor_down, 3h customer_caused, 1h unknown, 2h not_contracted'),
      day,
      contractual,
    );
    expect(figure).toEqual({
      totalMs: 24 * HOUR,
      measuredMs: 12 * HOUR,
      excludedMs: 4 * HOUR,
      notMeasuredMs: 8 * HOUR,
      upMs: String(10 * HOUR),
      downMs: String(2 * HOUR),
      unknownMs: HOUR,
      percent: '83.33',
      byCategory: {
        producing: 10 * HOUR,
        vendor_down: 2 * HOUR,
        customer_caused: 3 * HOUR,
        unknown: HOUR,
        not_contracted: 2 * HOUR,
      },
    });
  });

  it('takes exclusions from both sides or counts them as up', () => {
    const text = '12h producing, 1h vendor_down, 11h planned_maintenance';
    expect(percent(text, contractual)).toBe('92.31');
    expect(percent(text, { ...contractual, exclusions: 'counted_as_up' })).toBe('95.83');
  });

  it('is the yearly rule of 23 CFR 680.116: ((525,600 − (outage − excluded)) / 525,600) × 100', () => {
    const text = '509900m producing, 12700m vendor_down, 3000m force_majeure';
    const expected = new Decimal(525_600 - (15_700 - 3_000)).div(525_600).times(100).toFixed(3);
    const rule: AvailabilityDefinition = { ...contractual, exclusions: 'counted_as_up', decimals: 3 };
    expect(percent(text, rule, { from: 0, to: 525_600 * MIN })).toBe(expected);
  });

  it('weighs degraded time by what is left, exactly, or counts it as up', () => {
    const figure = availabilityOf(timeline('23h producing, 1h degraded 0.33333'), day, contractual);
    expect([figure.upMs, figure.downMs]).toEqual(['83999988', '2400012']);
    expect(percent('23h producing, 1h degraded 0.6', contractual)).toBe('98.33');
    expect(percent('23h producing, 1h degraded 0.6', { ...contractual, degraded: 'as_up' })).toBe('100.00');
    expect(percent('23h producing, 1h degraded', contractual)).toBe('100.00');
    const down: AvailabilityDefinition = {
      ...contractual,
      up: ['producing', 'ready'],
      down: ['vendor_down', 'degraded'],
    };
    expect(percent('23h producing, 1h degraded 0.6', down)).toBe('95.83');
  });

  it('rounds half up, once, to the decimals of the definition', () => {
    const of = (up: number, total: number, decimals: number) =>
      percent(
        `${up}m producing, ${total - up}m vendor_down`,
        { ...contractual, decimals },
        { from: 0, to: total * MIN },
      );
    expect(of(1999, 2000, 1)).toBe('100.0');
    expect(of(1999, 2000, 2)).toBe('99.95');
    expect(of(2, 3, 0)).toBe('67');
    expect(of(2, 3, 4)).toBe('66.6667');
    expect(of(79, 160, 2)).toBe('49.38');
    expect(of(0, 160, 2)).toBe('0.00');
    // Exactly between two: 6.25 and 18.75.
    expect([of(1, 16, 1), of(3, 16, 1), of(1, 8, 0)]).toEqual(['6.3', '18.8', '13']);
  });

  it('has no percentage when nothing was measured', () => {
    expect(percent('24h customer_caused', contractual)).toBeNull();
    expect(percent('24h unknown', rawDefinition)).toBeNull();
    expect(availabilityOf([], day, contractual)).toMatchObject({ percent: null, notMeasuredMs: 24 * HOUR, upMs: '0' });
    expect(availabilityOf([], { from: 5, to: 5 }, contractual)).toMatchObject({ percent: null, totalMs: 0 });
    expect(percent('24h customer_caused', { ...contractual, exclusions: 'counted_as_up' })).toBe('100.00');
  });
});

describe('unknown time', () => {
  const text = '10h producing, 2h unknown, 4h vendor_down, 8h unknown';
  const of = (unknown: UnknownRule, more: Partial<AvailabilityDefinition> = {}) =>
    availabilityOf(timeline(text), day, { ...contractual, unknown, ...more });

  it('is excluded, up or down as the rule says', () => {
    expect(of({ mode: 'excluded' })).toMatchObject({ percent: '71.43', excludedMs: 10 * HOUR, unknownMs: 10 * HOUR });
    expect(of({ mode: 'up' })).toMatchObject({ percent: '83.33', excludedMs: 0, unknownMs: 10 * HOUR });
    expect(of({ mode: 'down' })).toMatchObject({ percent: '41.67', measuredMs: 24 * HOUR });
    expect(of({ mode: 'excluded' }, { exclusions: 'counted_as_up' }).percent).toBe('83.33');
  });

  it('carries the state before it on for some minutes, then follows the second rule', () => {
    expect(of({ mode: 'last_state_for', minutes: 60, then: 'excluded' })).toMatchObject({
      upMs: String(11 * HOUR),
      downMs: String(5 * HOUR),
      excludedMs: 8 * HOUR,
    });
    expect(of({ mode: 'last_state_for', minutes: 60, then: 'down' })).toMatchObject({
      upMs: String(11 * HOUR),
      downMs: String(13 * HOUR),
    });
    expect(of({ mode: 'last_state_for', minutes: 600, then: 'up' })).toMatchObject({
      upMs: String(12 * HOUR),
      downMs: String(12 * HOUR),
    });
  });

  it('carries degraded, excluded and, before the period, earlier states on as what they are', () => {
    const rule: UnknownRule = { mode: 'last_state_for', minutes: 30, then: 'down' };
    const definition = { ...contractual, unknown: rule };
    expect(
      availabilityOf(timeline('1h degraded 0.5, 1h unknown'), { from: 0, to: 2 * HOUR }, definition),
    ).toMatchObject({
      upMs: String(45 * MIN),
      downMs: String(75 * MIN),
    });
    expect(availabilityOf(timeline('1h utility, 1h unknown'), { from: 0, to: 2 * HOUR }, definition)).toMatchObject({
      excludedMs: 90 * MIN,
      downMs: String(30 * MIN),
    });
    const before = timeline('1h producing, 1h unknown', -70 * MIN);
    expect(availabilityOf(before, { from: 0, to: 50 * MIN }, definition)).toMatchObject({
      upMs: String(20 * MIN),
      downMs: String(30 * MIN),
    });
  });

  it('has nothing to carry on at the start, after a hole, and after time that is not contracted', () => {
    const definition: AvailabilityDefinition = {
      ...contractual,
      unknown: { mode: 'last_state_for', minutes: 60, then: 'down' },
    };
    const hour = { from: 0, to: HOUR };
    expect(availabilityOf(timeline('1h unknown'), hour, definition).downMs).toBe(String(HOUR));
    const hole = [...timeline('1h producing', -2 * HOUR), ...timeline('1h unknown')];
    expect(availabilityOf(hole, hour, definition).downMs).toBe(String(HOUR));
    const afterEnd = [...timeline('1h not_contracted', -HOUR), ...timeline('1h unknown')];
    expect(availabilityOf(afterEnd, hour, definition).downMs).toBe(String(HOUR));
  });

  it('goes on carrying where the unknown time changes its reason', () => {
    const [a, b] = [timeline('1h producing, 10m unknown', -70 * MIN), timeline('50m unknown')];
    const figure = availabilityOf(
      [...a, ...b],
      { from: 0, to: 50 * MIN },
      {
        ...contractual,
        unknown: { mode: 'last_state_for', minutes: 30, then: 'down' },
      },
    );
    expect(figure).toMatchObject({ upMs: String(20 * MIN), downMs: String(30 * MIN) });
  });

  it('names how far back the timeline must reach', () => {
    expect(lookBackMs(contractual)).toBe(0);
    expect(lookBackMs({ ...contractual, unknown: { mode: 'last_state_for', minutes: 5, then: 'up' } })).toBe(300_001);
  });
});

describe('rawDefinition', () => {
  it('excludes nothing that is known', () => {
    const text = '6h producing, 3h ready, 3h degraded 0.5, 3h vendor_down, 3h customer_caused, 3h utility, 3h unknown';
    expect(availabilityOf(timeline(text), day, rawDefinition)).toMatchObject({
      percent: '57.14',
      measuredMs: 21 * HOUR,
      unknownMs: 3 * HOUR,
    });
  });
});

const fractions = fc.constantFrom('0.1', '0.33333', '0.6', '0.99999');
const anyTimeline = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.constantFrom(...categories), fractions, fc.nat(9)), {
    maxLength: 20,
  })
  .map((list) => {
    let at = 0;
    return list.map(([minutes, category, fraction, hole]): TimelineInterval => {
      const from = hole === 0 ? at + 7 * MIN : at;
      at = from + minutes * MIN;
      return {
        from,
        to: at,
        category,
        ...(category === 'degraded' ? { fraction } : {}),
        source: 's',
        detail: category,
        evidence: { messages: 0 },
      };
    });
  });
const outcome = fc.constantFrom('excluded' as const, 'up' as const, 'down' as const);
const anyDefinition: fc.Arbitrary<AvailabilityDefinition> = fc
  .record({
    sides: fc.array(fc.constantFrom('up', 'down', 'excluded'), { minLength: 8, maxLength: 8 }),
    exclusions: fc.constantFrom('removed' as const, 'counted_as_up' as const),
    degraded: fc.constantFrom('by_fraction' as const, 'as_up' as const),
    decimals: fc.integer({ min: 0, max: 4 }),
    unknown: fc.oneof(
      fc.record({ mode: outcome }),
      fc.record({
        mode: fc.constant('last_state_for' as const),
        minutes: fc.integer({ min: 1, max: 200 }),
        then: outcome,
      }),
    ),
  })
  .map(({ sides, ...rest }) => {
    const of = (side: string) =>
      categories.filter((c) => c !== 'unknown' && c !== 'not_contracted').filter((_, i) => sides[i] === side);
    return { ...rest, up: of('up'), down: of('down'), excluded: of('excluded') };
  });
const anyPeriod = fc
  .tuple(fc.integer({ min: -60, max: 2000 }), fc.integer({ min: 1, max: 3000 }))
  .map(([from, length]) => ({ from: from * MIN, to: (from + length) * MIN }));

/** The definition applied to every minute by itself. */
function minuteByMinute(list: readonly TimelineInterval[], period: Interval, d: AvailabilityDefinition) {
  let [up, down, excluded, not] = [new Decimal(0), new Decimal(0), 0, 0];
  const at = (t: number) => list.find((i) => t >= i.from && t < i.to);
  for (let t = period.from; t < period.to; t += MIN) {
    let i = at(t);
    let side: string | undefined;
    if (i?.category === 'unknown') {
      let known = t;
      while (at(known)?.category === 'unknown') known -= MIN;
      const [state, since] = [at(known), known + MIN];
      const rule = d.unknown;
      if (rule.mode !== 'last_state_for') side = rule.mode;
      else if (state && state.category !== 'not_contracted' && t < since + rule.minutes * MIN) i = state;
      else side = rule.then;
    }
    const c = i?.category ?? 'not_contracted';
    side ??= d.up.includes(c) ? 'up' : d.down.includes(c) ? 'down' : d.excluded.includes(c) ? 'excluded' : 'not';
    const share =
      side === 'up' && c === 'degraded' && d.degraded === 'by_fraction'
        ? new Decimal(i?.fraction ?? '1')
        : new Decimal(1);
    if (side === 'up') [up, down] = [up.plus(share.times(MIN)), down.plus(new Decimal(1).minus(share).times(MIN))];
    else if (side === 'down') down = down.plus(MIN);
    else if (side === 'excluded') excluded += MIN;
    else not += MIN;
  }
  return { upMs: up.toFixed(), downMs: down.toFixed(), excludedMs: excluded, notMeasuredMs: not };
}

describe('availabilityOf, for any timeline and definition', () => {
  it('is what every minute by itself gives', () => {
    fc.assert(
      fc.property(anyTimeline, anyPeriod, anyDefinition, (list, period, definition) => {
        expect(availabilityOf(list, period, definition)).toMatchObject(minuteByMinute(list, period, definition));
      }),
      { numRuns: 200 },
    );
  });

  it('adds up: measured + excluded + not measured = total, up + down = measured, percent within 0 to 100', () => {
    fc.assert(
      fc.property(anyTimeline, anyPeriod, anyDefinition, (list, period, definition) => {
        const f = availabilityOf(list, period, definition);
        expect(f.measuredMs + f.excludedMs + f.notMeasuredMs).toBe(f.totalMs);
        expect(new Decimal(f.upMs).plus(f.downMs).toNumber()).toBe(f.measuredMs);
        if (f.percent !== null) {
          expect(Number(f.percent)).toBeGreaterThanOrEqual(0);
          expect(Number(f.percent)).toBeLessThanOrEqual(100);
        }
      }),
    );
  });

  it('does not depend on where intervals are cut, and adds up over adjoining periods', () => {
    fc.assert(
      fc.property(anyTimeline, anyPeriod, anyDefinition, fc.nat(3000), (list, period, definition, minute) => {
        const cut = period.from + (minute % ((period.to - period.from) / MIN)) * MIN;
        const cutList = list.flatMap((i) =>
          cut > i.from && cut < i.to
            ? [
                { ...i, to: cut },
                { ...i, from: cut },
              ]
            : [i],
        );
        const whole = availabilityOf(list, period, definition);
        expect(availabilityOf(cutList, period, definition)).toEqual(whole);
        const parts = [
          availabilityOf(list, { from: period.from, to: cut }, definition),
          availabilityOf(list, { from: cut, to: period.to }, definition),
        ];
        const total = (of: (f: (typeof parts)[number]) => string | number) =>
          parts.reduce((n, f) => n.plus(of(f)), new Decimal(0)).toFixed();
        expect(total((f) => f.upMs)).toBe(whole.upMs);
        expect(total((f) => f.downMs)).toBe(whole.downMs);
        expect(total((f) => f.excludedMs)).toBe(String(whole.excludedMs));
      }),
    );
  });

  it('is never raised by downtime, nor lowered by uptime, in place of what was there', () => {
    fc.assert(
      fc.property(anyTimeline, anyPeriod, anyDefinition, fc.nat(30), (list, period, given, pick) => {
        const at = pick % Math.max(1, list.length);
        const target = list[at];
        fc.pre(target !== undefined && given.up.includes('producing') && given.down.includes('vendor_down'));
        // Only one measured stretch changes, so that the denominator stays.
        const definition = { ...given, unknown: { mode: 'excluded' as const } };
        fc.pre(
          definition.up.includes(target?.category ?? 'unknown') ||
            definition.down.includes(target?.category ?? 'unknown'),
        );
        const figure = (category: Category) =>
          availabilityOf(
            list.map((i, n) => {
              const { fraction: _, ...rest } = i;
              return n === at ? { ...rest, category } : i;
            }),
            period,
            definition,
          ).percent;
        const now = availabilityOf(list, period, definition).percent;
        if (now === null) return;
        expect(Number(figure('vendor_down'))).toBeLessThanOrEqual(Number(now));
        expect(Number(figure('producing'))).toBeGreaterThanOrEqual(Number(now));
      }),
    );
  });

  it('is highest where unknown time is up and lowest where it is down, and never higher for removed exclusions', () => {
    fc.assert(
      fc.property(anyTimeline, anyPeriod, anyDefinition, (list, period, given) => {
        const percent = (mode: 'up' | 'down' | 'excluded', exclusions: 'removed' | 'counted_as_up') =>
          availabilityOf(list, period, { ...given, exclusions, unknown: { mode } }).percent;
        const between = percent('excluded', 'removed');
        if (between === null) return;
        expect(Number(percent('up', 'removed'))).toBeGreaterThanOrEqual(Number(between));
        expect(Number(percent('down', 'removed'))).toBeLessThanOrEqual(Number(between));
        expect(Number(percent('excluded', 'counted_as_up'))).toBeGreaterThanOrEqual(Number(between));
      }),
    );
  });
});

describe('availabilityOf, looked at again', () => {
  it('needs the timeline before the period only as far as it says', () => {
    fc.assert(
      fc.property(anyTimeline, anyPeriod, anyDefinition, (list, period, definition) => {
        const begin = period.from - lookBackMs(definition);
        const reached = list.flatMap((i) => {
          const part = intersect(i, { from: begin, to: period.to });
          return part ? [{ ...i, ...part }] : [];
        });
        expect(availabilityOf(reached, period, definition)).toEqual(availabilityOf(list, period, definition));
      }),
    );
  });

  it('depends on no clock and no zone: moved with its timeline, the figure is the same', () => {
    fc.assert(
      fc.property(
        anyTimeline,
        anyPeriod,
        anyDefinition,
        fc.integer({ min: -1e12, max: 2e12 }),
        (list, period, d, by) => {
          const moved = list.map((i) => ({ ...i, from: i.from + by, to: i.to + by }));
          const there = { from: period.from + by, to: period.to + by };
          expect(availabilityOf(moved, there, d)).toEqual(availabilityOf(list, period, d));
        },
      ),
    );
  });

  it('rounds the exact share half up, in whole numbers of any size', () => {
    fc.assert(
      fc.property(fc.nat(4e9), fc.nat(4e9), fc.integer({ min: 0, max: 6 }), (up, down, decimals) => {
        fc.pre(up + down > 0);
        const piece = (from: number, ms: number, category: Category): TimelineInterval => ({
          from,
          to: from + ms,
          category,
          source: 's',
          detail: category,
          evidence: { messages: 0 },
        });
        const list = [piece(0, up, 'producing'), piece(up, down, 'vendor_down')].filter((i) => i.to > i.from);
        const { percent: text } = availabilityOf(list, { from: 0, to: up + down }, { ...contractual, decimals });
        const [top, bottom] = [BigInt(up) * 100n * 10n ** BigInt(decimals), BigInt(up + down)];
        const rounded = (2n * top + bottom) / (2n * bottom);
        expect(BigInt(text?.replace('.', '') ?? '-1')).toBe(rounded);
        expect(text?.split('.')[1]?.length ?? 0).toBe(decimals);
      }),
    );
  });

  it('is what it is without a stretch that has no side: time not contracted and time not yet come are the same', () => {
    fc.assert(
      fc.property(anyTimeline, anyPeriod, anyDefinition, (list, period, given) => {
        // What `last_state_for` carries on ends at either, so both leave the rest alone.
        const without = list.filter((i) => i.category !== 'not_contracted');
        const { byCategory: _, ...bare } = availabilityOf(without, period, given);
        const { byCategory: _c, ...whole } = availabilityOf(list, period, given);
        expect(bare).toEqual(whole);
      }),
    );
  });

  it('gives a fraction of nothing no uptime, and one of the whole all of it', () => {
    const of = (fraction: string) =>
      availabilityOf(timeline(`1h degraded ${fraction}`), { from: 0, to: HOUR }, contractual);
    expect(of('0')).toMatchObject({ upMs: '0', downMs: String(HOUR), percent: '0.00', measuredMs: HOUR });
    expect(of('1')).toMatchObject({ upMs: String(HOUR), downMs: '0', percent: '100.00' });
  });
});
