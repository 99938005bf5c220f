import type { UsageCharge } from '@throughline/contracts';
import { contains, conversion, Decimal, DomainError, sum, ZERO } from '@throughline/kernel';
import type { Quality, UsageWindow } from '@throughline/metering';
import { addUp, lineQuantity, moneyText, type Term, written } from './exact.js';
import { groupBy, type Stay } from './stays.js';
import type { ExplanationStep, RatedLine, RatingInput } from './types.js';
import { countText } from './words.js';

/**
 * The lines of a usage charge: one over all assets, or one an asset. An hourly window counts wholly when its hour begins
 * within the time under contract of the period. So every hour is in exactly one period, also where a zone's month
 * begins at half past an hour of UTC (Asia/Kolkata): there a period's usage runs from the first full UTC hour.
 */
export function usageLines(charge: UsageCharge, stays: readonly Stay[], input: RatingInput): RatedLine[] {
  const pools = charge.pooling === 'contract' ? [stays] : groupBy(stays, (s) => s.asset.assetId);
  return pools.filter((pool) => pool.length > 0).map((pool) => usageLine(charge, pool, input));
}

function usageLine(charge: UsageCharge, pool: readonly Stay[], input: RatingInput): RatedLine {
  const windows = pool.flatMap((stay) =>
    stay.asset.windows.filter((w) => w.meter === charge.meter && contains(stay.interval, w.hour)),
  );
  const { currency } = input.terms;
  const by = conversion(charge.unit, charge.unit).by;
  const used = inBaseUnit(windows, charge);
  if (used.isNegative() && !used.isZero())
    throw new DomainError(
      'INTERNAL',
      `usage of ${charge.meter} adds up to less than nothing: ${written(used.div(by))}`,
    );
  const bands = bandsOf(charge, by).flatMap((band) => within(band, used));
  const { amount, steps } = addUp(
    bands.map((band) => term(band, charge.unit, by, currency)),
    by,
    currency,
  );
  const only = bands.length === 1 ? bands[0] : undefined;
  const asset = charge.pooling === 'asset' ? pool[0]?.asset : undefined;
  return {
    chargeKey: charge.key,
    kind: 'usage',
    description: asset ? `${charge.description}, ${asset.label}` : charge.description,
    ...(asset && { assetId: asset.assetId }),
    meter: charge.meter,
    quantity: lineQuantity(used.div(by)),
    unit: charge.unit,
    ...(windows.length > 0 && { quality: worstQuality(windows) }),
    ...(only && { unitPrice: only.unitPrice }),
    amount,
    period: input.period,
    explanation: [...sources(charge, windows, pool), ...steps],
  };
}

/** Priced part of the quantity in the kind's base unit (times what `conversion` divides by): above `from` up to `to`. */
interface Band {
  readonly from: Decimal;
  readonly to: Decimal | undefined;
  readonly unitPrice: Decimal;
}

function bandsOf({ price }: UsageCharge, by: Decimal): Band[] {
  if (price.model === 'per_unit') return [{ from: ZERO, to: undefined, unitPrice: new Decimal(price.unitPrice) }];
  let from = ZERO;
  return price.tiers.map((tier) => {
    const band = {
      from,
      to: tier.upTo === null ? undefined : new Decimal(tier.upTo).times(by),
      unitPrice: new Decimal(tier.unitPrice),
    };
    from = band.to ?? from;
    return band;
  });
}

/** The band cut to what was used; the first one stands even for no usage, so that the line shows its price. */
function within(band: Band, used: Decimal): (Band & { readonly part: Decimal })[] {
  const end = band.to?.lessThan(used) ? band.to : used;
  if (end.lessThanOrEqualTo(band.from) && !band.from.isZero()) return [];
  return [{ ...band, part: end.minus(band.from) }];
}

function term(band: Band & { readonly part: Decimal }, unit: string, by: Decimal, currency: string): Term {
  const part = written(lineQuantity(band.part.div(by)));
  const unitPrice = moneyText(band.unitPrice, currency);
  const priced = `${part} ${unit} × ${unitPrice} ${currency}`;
  const from = written(band.from.div(by));
  const where = band.from.isZero()
    ? band.to && `Up to ${written(band.to.div(by))} ${unit}`
    : band.to
      ? `Above ${from} up to ${written(band.to.div(by))} ${unit}`
      : `Above ${from} ${unit}`;
  return {
    text: where ? `${where}: ${priced}` : priced,
    quantity: part,
    unit,
    unitPrice,
    numerator: band.part.times(band.unitPrice),
  };
}

const inBaseUnit = (windows: readonly UsageWindow[], charge: UsageCharge): Decimal =>
  sum(windows.map((w) => w.quantity.value.times(conversion(w.quantity.unit, charge.unit).times)));

/** Where the quantity comes from: windows by unit, and what they are in the price's unit. */
function sources(charge: UsageCharge, windows: readonly UsageWindow[], pool: readonly Stay[]): ExplanationStep[] {
  const assets = countText(new Set(pool.map((s) => s.asset.assetId)).size, 'asset');
  if (windows.length === 0) return [{ text: `No usage of ${charge.meter} was recorded for ${assets}` }];
  const groups = groupBy(windows, (w) => w.quantity.unit).sort((a, b) => (unitOf(a) < unitOf(b) ? -1 : 1));
  return groups.flatMap((group) => {
    const unit = unitOf(group);
    const total = sum(group.map((w) => w.quantity.value));
    const not = (['estimated', 'edited'] as const)
      .map((quality) => ({ quality, count: group.filter((w) => w.quality === quality).length }))
      .filter(({ count }) => count > 0)
      .map(({ quality, count }) => `, ${count} of them ${quality}`)
      .join('');
    const step = {
      text: `${charge.meter} of ${assets}: the sum of ${countText(group.length, 'hourly window')}${not}`,
      quantity: written(total),
      unit,
    };
    if (unit === charge.unit) return [step];
    const { times, by } = conversion(unit, charge.unit);
    const converted = written(lineQuantity(total.times(times).div(by)));
    const factor = times.lessThan(by)
      ? `${written(by.div(times))} ${unit} are 1 ${charge.unit}`
      : `1 ${unit} is ${written(times.div(by))} ${charge.unit}`;
    return [step, { text: `In ${charge.unit} (${factor})`, quantity: converted, unit: charge.unit }];
  });
}

const unitOf = (group: readonly UsageWindow[]): string => group[0]?.quantity.unit ?? '';

/** Weakest first: one estimated hour makes the line an estimated one, and an edited hour weighs more. */
const weakest: readonly Quality[] = ['edited', 'estimated', 'measured'];

const worstQuality = (windows: readonly UsageWindow[]): Quality =>
  weakest.find((quality) => windows.some((w) => w.quality === quality)) ?? 'measured';
