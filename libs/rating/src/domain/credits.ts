import { type AvailabilityFigure, availabilityOf } from '@throughline/availability';
import type { AvailabilityGuarantee, CreditBand, RecurringCharge } from '@throughline/contracts';
import { Decimal, DomainError, Money, payableDigits, splitByLargestRemainder, sum } from '@throughline/kernel';
import { addUp, moneyText, written } from './exact.js';
import { inOrder, isWhole, type Stay, secondsOf } from './stays.js';
import type { ExplanationStep, RatedLine, RatingInput } from './types.js';
import { hoursText, intervalText } from './words.js';

/**
 * Credit lines of an availability guarantee: one for each asset whose availability, rounded as the definition says, is
 * below a band. The lowest such band counts; its percentage is of the fee the asset really pays for the period
 * (prorated to the second). Where the credits of all assets exceed the cap they are scaled down in proportion.
 * An asset of which nothing was measured earns no credit, and neither does time outside the contract.
 */
export function creditLines(guarantee: AvailabilityGuarantee, stays: readonly Stay[], input: RatingInput): RatedLine[] {
  const basis = basisOf(guarantee, input);
  const credits = stays.flatMap((stay) => creditOf(guarantee, basis, stay, input));
  return cap(guarantee, basis, credits, stays, input).map(({ credit, amount, steps }) => ({
    chargeKey: guarantee.key,
    kind: 'credit',
    description: `${guarantee.description}, ${credit.stay.asset.label}: ${credit.percent} % available, ${guarantee.target} % guaranteed`,
    assetId: credit.stay.asset.assetId,
    amount,
    period: credit.stay.interval,
    explanation: steps,
  }));
}

/** The band with the lowest bound that `percent` is strictly below, if any. */
export function bandFor(bands: readonly CreditBand[], percent: string): CreditBand | undefined {
  const measured = new Decimal(percent);
  return bands
    .filter((band) => measured.lessThan(band.below))
    .reduce<CreditBand | undefined>(
      (lowest, band) => (lowest && new Decimal(lowest.below).lessThan(band.below) ? lowest : band),
      undefined,
    );
}

interface Credit {
  readonly stay: Stay;
  readonly percent: string;
  /** Exact, negative; in parts of the fee's seconds and percents, see `denominatorOf`. */
  readonly exact: Decimal;
  /** Rounded, negative. */
  readonly amount: Money;
  readonly steps: readonly ExplanationStep[];
}

/** Fees are counted in seconds of the period and credits in percent, so this is what their products are divided by. */
const denominatorOf = (input: RatingInput): Decimal => new Decimal(secondsOf(input.period)).times(100);

function creditOf(guarantee: AvailabilityGuarantee, basis: RecurringCharge, stay: Stay, input: RatingInput): Credit[] {
  const figure = availabilityOf(inOrder(stay.asset.timeline), stay.interval, guarantee.definition);
  const band = figure.percent === null ? undefined : bandFor(guarantee.bands, figure.percent);
  if (!band || figure.percent === null) return [];
  const { currency } = input.terms;
  const seconds = secondsOf(stay.interval);
  const all = secondsOf(input.period);
  const fee = `${moneyText(new Decimal(basis.amount), currency)} ${currency}`;
  const share = isWhole(stay.interval, input.period) ? '' : ` × ${seconds} / ${all} seconds under contract`;
  const numerator = new Decimal(basis.amount).times(seconds).times(band.creditPercent).negated();
  const { amount, steps } = addUp(
    [
      {
        text: `Credit of ${band.creditPercent} % of the fee "${basis.description}" of ${fee}${share}`,
        quantity: band.creditPercent,
        unit: '%',
        numerator,
      },
    ],
    denominatorOf(input),
    currency,
  );
  return [
    {
      stay,
      percent: figure.percent,
      exact: numerator,
      amount,
      steps: [...measuredSteps(guarantee, band, figure, stay, input), ...steps],
    },
  ];
}

const measuredSteps = (
  guarantee: AvailabilityGuarantee,
  band: CreditBand,
  figure: AvailabilityFigure,
  stay: Stay,
  input: RatingInput,
): ExplanationStep[] => [
  {
    text:
      `${stay.asset.label} from ${intervalText(stay.interval, input.timeZone)}: ${figure.percent} % available, ` +
      `${hoursText(Number(figure.downMs))} down; measured ${hoursText(figure.measuredMs)}, excluded ${hoursText(figure.excludedMs)}, ` +
      `not measured ${hoursText(figure.notMeasuredMs)}`,
    quantity: figure.percent ?? undefined,
    unit: '%',
  },
  { text: `Guaranteed ${guarantee.target} %; the lowest band that applies is "below ${band.below} %"` },
];

interface CappedCredit {
  readonly credit: Credit;
  readonly amount: Money;
  readonly steps: readonly ExplanationStep[];
}

/** The cap is an amount that can be paid, rounded down: credits never exceed it, not by half a cent. */
function cap(
  guarantee: AvailabilityGuarantee,
  basis: RecurringCharge,
  credits: readonly Credit[],
  stays: readonly Stay[],
  input: RatingInput,
): CappedCredit[] {
  const { currency } = input.terms;
  const seconds = sum(stays.map((s) => new Decimal(secondsOf(s.interval))));
  const exact = new Decimal(basis.amount).times(seconds).times(guarantee.capPercent).div(denominatorOf(input));
  const most = Money.of(exact.toDecimalPlaces(payableDigits(currency), Decimal.ROUND_DOWN), currency);
  const total = credits.reduce((t, c) => t.minus(c.amount), Money.zero(currency));
  if (total.compare(most) <= 0)
    return credits.map((credit) => ({ credit, amount: credit.amount, steps: credit.steps }));
  const shares = splitByLargestRemainder(
    most,
    credits.map((c) => c.exact.abs()),
  );
  const fees = moneyText(lineFee(basis, seconds, input), currency);
  return credits.map((credit, index) => {
    const amount = (shares[index] ?? Money.zero(currency)).negated();
    const step: ExplanationStep = {
      text:
        `Cap: the credits of all assets would be ${total} ${currency}; at most ${guarantee.capPercent} % of the fees of ` +
        `${fees} ${currency}, which is ${most} ${currency}, so each is scaled down in proportion`,
      amount: moneyText(amount.minus(credit.amount).amount, currency),
    };
    return { credit, amount, steps: [...credit.steps, step] };
  });
}

const lineFee = (basis: RecurringCharge, seconds: Decimal, input: RatingInput): Decimal =>
  new Decimal(written(new Decimal(basis.amount).times(seconds).div(secondsOf(input.period))));

/** The fee credits are a share of. Terms are checked when they are saved, so a missing one is a bug. */
export function basisOf(guarantee: AvailabilityGuarantee, input: Pick<RatingInput, 'terms'>): RecurringCharge {
  const basis = input.terms.charges.find((c) => c.key === guarantee.basis);
  if (basis?.kind !== 'recurring' || basis.per !== 'asset')
    throw new DomainError(
      'INTERNAL',
      `guarantee ${guarantee.key} has no recurring charge per asset "${guarantee.basis}"`,
    );
  return basis;
}
