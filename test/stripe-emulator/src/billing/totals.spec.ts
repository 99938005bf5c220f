import fc from 'fast-check';
import { periodEnd } from './renew.js';
import { settle } from './totals.js';

const money = fc.integer({ min: -1_000_000, max: 1_000_000 });

describe('settling', () => {
  it('loses nothing: total and balance are what is due and what stays on the balance', () => {
    fc.assert(
      fc.property(money, money, fc.boolean(), (total, balance, charges) => {
        const { amount_due, ending_balance } = settle(total, balance, 'eur', charges);
        expect(amount_due + ending_balance).toBe(total + balance);
        expect(amount_due).toBeGreaterThanOrEqual(0);
        if (charges && amount_due > 0) expect(amount_due).toBeGreaterThanOrEqual(50);
      }),
    );
  });
});

describe('the end of a period', () => {
  it('rises with every period, and months come back to the day they began on', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_600_000_000, max: 1_900_000_000 }),
        fc.integer({ min: 1, max: 60 }),
        (anchor, n) => {
          const month = { interval: 'month', interval_count: 1 };
          expect(periodEnd(anchor, month, n)).toBeGreaterThan(periodEnd(anchor, month, n - 1));
          const began = new Date(anchor * 1000);
          const ended = new Date(periodEnd(anchor, month, n) * 1000);
          expect(ended.getUTCDate()).toBeLessThanOrEqual(began.getUTCDate());
          if (began.getUTCDate() <= 28) expect(ended.getUTCDate()).toBe(began.getUTCDate());
          expect(ended.toISOString().slice(11)).toBe(began.toISOString().slice(11));
          expect(periodEnd(anchor, { interval: 'year', interval_count: 1 }, n)).toBe(periodEnd(anchor, month, 12 * n));
        },
      ),
    );
  });
});
