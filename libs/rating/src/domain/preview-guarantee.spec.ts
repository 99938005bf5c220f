import { availabilityOf } from '@throughline/availability';
import { Decimal, HOUR_MS, lengthMs } from '@throughline/kernel';
import fc from 'fast-check';
import { assetOf, downFor, january, state, uptime } from '../../../../test/support/rating-examples.js';
import { previewGuarantee } from './preview-guarantee.js';

const MONTH = lengthMs(january);
const guarantee = uptime();
const terms = { guarantees: [guarantee] };
const half = january.from + MONTH / 2;

describe('previewGuarantee', () => {
  it('is about the part of the period that has passed', () => {
    const asset = assetOf('AC-1', { timeline: downFor(MONTH / 100) });
    const preview = previewGuarantee(asset, terms, january, half);
    expect(preview).toMatchObject({ target: '99.00', met: false, nextBandBelow: '97.50', creditPercent: '5' });
    expect(preview?.figure.percent).toBe('98.00');
    expect(preview?.figure.totalMs).toBe(MONTH / 2);
    // Below 97.495 % of the whole month the figure rounds under 97.50: 2.505 % may be down, 1 % was.
    expect(preview?.leftMs).toBe((MONTH * 1505) / 100_000);
  });

  it('knows no figure before anything was measured', () => {
    expect(previewGuarantee(assetOf('AC-1'), terms, january, january.from - HOUR_MS)).toMatchObject({
      met: null,
      nextBandBelow: '99.00',
      leftMs: (MONTH * 1005) / 100_000,
      creditPercent: '0',
      figure: { percent: null, totalMs: 0 },
    });
  });

  it('has no next band once the lowest applies', () => {
    const asset = assetOf('AC-1', { timeline: downFor(MONTH) });
    expect(previewGuarantee(asset, terms, january, half)).toMatchObject({
      nextBandBelow: null,
      leftMs: null,
      creditPercent: '20',
      met: false,
    });
  });

  it('leaves no downtime when the period is over', () => {
    const asset = assetOf('AC-1', { timeline: downFor(0) });
    expect(previewGuarantee(asset, terms, january, january.to + MONTH)).toMatchObject({ met: true, leftMs: 0 });
  });

  it('is undefined without a guarantee or a contract in the period', () => {
    const before = { from: january.from - MONTH, to: january.from };
    expect(previewGuarantee(assetOf('AC-1'), { guarantees: [] }, january, half)).toBeUndefined();
    expect(previewGuarantee(assetOf('AC-1', { contracted: before }), terms, january, half)).toBeUndefined();
  });

  it('tells to the millisecond how much downtime is left', () => {
    const ms = (share: number) => Math.floor(MONTH * share);
    fc.assert(
      fc.property(
        fc.record({
          passed: fc.double({ min: 0, max: 1, noNaN: true }),
          wasDown: fc.double({ min: 0, max: 0.06, noNaN: true }),
          excluded: fc.double({ min: 0, max: 0.3, noNaN: true }),
          exclusions: fc.constantFrom('removed' as const, 'counted_as_up' as const),
          decimals: fc.integer({ min: 0, max: 4 }),
        }),
        ({ passed, wasDown, excluded, exclusions, decimals }) => {
          const now = january.from + ms(passed);
          const downTo = Math.min(now, january.from + ms(wasDown));
          const excludedTo = Math.min(now, downTo + ms(excluded));
          const definition = { ...guarantee.definition, exclusions, decimals };
          const known = [
            state(january.from, downTo, 'vendor_down'),
            state(downTo, excludedTo, 'planned_maintenance'),
            state(excludedTo, now, 'producing'),
          ].filter((i) => i.to > i.from);
          const own = { guarantees: [{ ...guarantee, definition }] };
          const preview = previewGuarantee(assetOf('AC-1', { timeline: known }), own, january, now);
          if (!preview || preview.leftMs === null || preview.nextBandBelow === null) return;
          const bound = new Decimal(preview.nextBandBelow);
          const endsAt = (downMs: number) =>
            availabilityOf(
              [...known, state(now, now + downMs, 'vendor_down'), state(now + downMs, january.to, 'producing')].filter(
                (i) => i.to > i.from,
              ),
              january,
              definition,
            ).percent;
          const enough = endsAt(preview.leftMs);
          if (enough !== null) expect(new Decimal(enough).greaterThanOrEqualTo(bound)).toBe(true);
          if (preview.leftMs < january.to - now)
            expect(new Decimal(endsAt(preview.leftMs + 1) ?? 0).lessThan(bound)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
