import type { RecurringCharge } from '@throughline/contracts';
import { Decimal, type Interval, union } from '@throughline/kernel';
import { addUp, moneyText, type Term } from './exact.js';
import { groupBy, isWhole, type Stay, secondsOf } from './stays.js';
import type { RatedLine, RatingInput } from './types.js';
import { countText, intervalText, namesText } from './words.js';

/**
 * The line of a recurring charge, in arrears: price × assets, or × 1 for the contract. Time under contract that does not
 * fill the period counts by its seconds over the period's. A charge per contract runs while any asset is under contract.
 */
export function recurringLine(charge: RecurringCharge, stays: readonly Stay[], input: RatingInput): RatedLine {
  const price = new Decimal(charge.amount);
  const whole = new Decimal(secondsOf(input.period));
  const shares = charge.per === 'asset' ? assetShares(stays) : [contractShare(stays)];
  const terms = shares.map((share) => term(share, price, input));
  const { amount, steps } = addUp(terms, whole, input.terms.currency);
  const prorated = shares.some((share) => !share.intervals.every((i) => isWhole(i, input.period)));
  return {
    chargeKey: charge.key,
    kind: 'recurring',
    description: charge.description,
    quantity: new Decimal(charge.per === 'asset' ? new Set(stays.map((s) => s.asset.assetId)).size : 1),
    unit: charge.per,
    unitPrice: prorated ? undefined : price,
    amount,
    period: input.period,
    explanation: steps,
  };
}

/** `count` assets (or one contract) that were under contract during the same intervals. */
interface Share {
  readonly what: string;
  readonly unit: RecurringCharge['per'];
  readonly count: number;
  readonly intervals: readonly Interval[];
}

const assetShares = (stays: readonly Stay[]): Share[] =>
  groupBy(stays, (s) => `${s.interval.from}-${s.interval.to}`).map((group) => ({
    what: `${countText(group.length, 'asset')} (${namesText(group.map((s) => s.asset.label))})`,
    unit: 'asset',
    count: group.length,
    intervals: group.slice(0, 1).map((s) => s.interval),
  }));

const contractShare = (stays: readonly Stay[]): Share => ({
  what: 'The contract',
  unit: 'contract',
  count: 1,
  intervals: union(stays.map((s) => s.interval)),
});

function term(share: Share, price: Decimal, input: RatingInput): Term {
  const { currency } = input.terms;
  const all = secondsOf(input.period);
  const seconds = share.intervals.reduce((n, i) => n + secondsOf(i), 0);
  const full = share.intervals.every((i) => isWhole(i, input.period));
  const when = share.intervals.map((i) => intervalText(i, input.timeZone)).join(' and ');
  const fee = moneyText(price, currency);
  return {
    text: full
      ? `${share.what} for the whole period: ${share.count} × ${fee} ${currency}`
      : `${share.what} from ${when}, ${seconds} of the period's ${all} seconds: ${share.count} × ${fee} ${currency} × ${seconds} / ${all}`,
    quantity: String(share.count),
    unit: share.unit,
    unitPrice: fee,
    numerator: price.times(share.count).times(seconds),
  };
}
