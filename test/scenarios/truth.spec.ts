import type { Terms } from '@throughline/contracts';
import {
  availabilityOf,
  difference,
  halfUp,
  keyOf,
  type Span,
  scaled,
  type Told,
  total,
  trueLines,
} from './support/truth.js';

/** A machine that ran evenly: under load from the first to the 90th minute of each 100, with a fault in the rest. */
const machine: Told['machine'] = {
  stateAt: (at) => (at % 6_000_000 < 5_400_000 ? 'loaded' : 'fault'),
  truth: (from, to) => {
    const loaded = Math.floor((to - from) * 0.9);
    const none = { stopped: 0, starting: 0, unloaded: 0, standby: 0, derated: 0, power_fail: 0 };
    const msPerState = { ...none, loaded, fault: to - from - loaded };
    return { from, to, msPerState, availableMs: loaded, runMs: loaded, outputMilliM3: (to - from) / 100 };
  },
};
const month: Span = { from: 0, to: 30 * 86_400_000 };
const told = (assetId: string, to = month.to): Told => ({ assetId, label: assetId, machine, from: 0, to });
const stay = (t: Told, contracted = month) => ({ told: t, contracted });

const terms = (capPercent = '100'): Terms => ({
  currency: 'EUR',
  cadence: 'month',
  charges: [
    { kind: 'recurring', key: 'fee', description: '', amount: '149.00', per: 'asset' },
    {
      kind: 'usage',
      key: 'air',
      description: '',
      meter: 'output_m3',
      unit: 'm3',
      pooling: 'contract',
      price: {
        model: 'graduated',
        tiers: [
          { upTo: '30000', unitPrice: '0.0153' },
          { upTo: null, unitPrice: '0.01157' },
        ],
      },
    },
    {
      kind: 'usage',
      key: 'hours',
      description: '',
      meter: 'loaded_time',
      unit: 'h',
      pooling: 'asset',
      price: { model: 'per_unit', unitPrice: '0.37' },
    },
  ],
  guarantees: [
    {
      kind: 'availability',
      key: 'uptime',
      description: '',
      target: '99.00',
      definition: {
        up: ['producing'],
        down: ['vendor_down'],
        excluded: [],
        exclusions: 'removed',
        unknown: { mode: 'last_state_for', minutes: 15, then: 'excluded' },
        degraded: 'by_fraction',
        decimals: 2,
      },
      bands: [
        { below: '99.00', creditPercent: '5' },
        { below: '90.01', creditPercent: '15' },
        { below: '90.00', creditPercent: '40' },
      ],
      basis: 'fee',
      capPercent,
    },
  ],
});

describe('the truth of an invoice, worked by hand', () => {
  it('adds fee, tiers, hours and credit of one machine', () => {
    // 25,920 m³ in 30 days: the first tier alone. 648 h under load. 90.00 % is below 90.01 and not below 90.00.
    expect(Object.fromEntries(trueLines(terms(), month, [stay(told('a'))]))).toEqual({
      [keyOf('fee')]: { cents: 14_900n },
      [keyOf('air')]: { cents: 39_658n, quantity: 25_920_000n },
      [keyOf('hours', 'a')]: { cents: 23_976n, quantity: 648n * 3_600_000n },
      [keyOf('uptime', 'a')]: { cents: -2_235n },
    });
  });

  it('pools the tiers over all machines, and only the time under contract counts', () => {
    const half = { from: month.to / 2, to: month.to };
    const lines = trueLines(terms(), month, [stay(told('a')), stay(told('b'), half)]);
    // 38,880 m³: 30,000 at 0.0153 and 8,880 at 0.01157 = 459.00 + 102.7416.
    expect(lines.get(keyOf('air'))).toEqual({ cents: 56_174n, quantity: 38_880_000n });
    expect(lines.get(keyOf('fee'))).toEqual({ cents: 22_350n });
    // 15 % of 74.50 is 11.175.
    expect(lines.get(keyOf('uptime', 'b'))).toEqual({ cents: -1_118n });
  });

  it('shares a cap by largest remainder', () => {
    const three = ['c', 'a', 'b'].map((id) => stay(told(id)));
    const credits = (cap: string) =>
      [...trueLines(terms(cap), month, three)]
        .filter(([key]) => key.startsWith('uptime'))
        .map(([, { cents }]) => cents);
    expect(credits('15')).toEqual([-2_235n, -2_235n, -2_235n]);
    // 1 % of 447.00 parts in three.
    expect(credits('1')).toEqual([-149n, -149n, -149n]);
    const fourth = trueLines(terms('1'), month, [...three, stay(told('d'), { from: 0, to: 86_400_000 })]);
    const shares = [...fourth].filter(([key]) => key.startsWith('uptime')).map(([, { cents }]) => cents);
    // 4.519 of the fees, so 4.51; three whole machines to one of a 30th: 148.68 each and 4.96.
    expect(shares).toEqual([-149n, -149n, -148n, -5n]);
  });

  it('holds the last state until it is stale, and for its guarantee a quarter of an hour longer', () => {
    const silent = told('a', 5_000_000);
    expect(machine.stateAt(5_000_000)).toBe('loaded');
    const lines = trueLines(terms(), month, [stay(silent)]);
    expect(lines.get(keyOf('hours', 'a'))?.quantity).toBe(4_500_000n + 900_000n);
    expect(lines.get(keyOf('air'))?.quantity).toBe(50_000n);
    // 4,500 s and 1,800 s up of 6,800 s.
    expect(availabilityOf(silent, month)).toBe(9_265n);
    expect(availabilityOf(told('a', 0), { from: 5_000_000, to: 6_000_000 })).toBeUndefined();
  });

  it('tells what has to be booked still', () => {
    const before = trueLines(terms(), month, [stay(told('a', month.to / 2))]);
    const after = trueLines(terms(), month, [stay(told('a'))]);
    const missing = difference(after, before);
    expect(missing.has(keyOf('fee'))).toBe(false);
    expect([...missing.values()].reduce((sum, cents) => sum + cents, total(before))).toBe(total(after));
    expect(difference(before, before).size).toBe(0);
  });

  it('reads decimals exactly and rounds half up', () => {
    expect([scaled('0.01157', 6), scaled('-3', 2), scaled('1.50', 1)]).toEqual([11_570n, -300n, 15n]);
    expect(() => scaled('0.0115', 3)).toThrow(RangeError);
    expect(() => scaled('1e3', 2)).toThrow(RangeError);
    expect([halfUp(5n, 10n), halfUp(4n, 10n), halfUp(-5n, 10n), halfUp(14n, 10n)]).toEqual([1n, 0n, -1n, 1n]);
  });
});
