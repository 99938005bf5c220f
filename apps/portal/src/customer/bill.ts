import type { Preview } from '../api/operations/finance.js';

/** Whole digits of a decimal text as an integer of 10^-6 units: sums on the page stay exact. */
const scale = 6;
const toUnits = (text: string): bigint => {
  const negative = text.startsWith('-');
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const units = BigInt(whole + fraction.padEnd(scale, '0').slice(0, scale));
  return negative ? -units : units;
};
const fromUnits = (units: bigint): string => {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const text = `${digits.slice(0, -scale)}.${digits.slice(-scale)}`.replace(/0{1,4}$/, '');
  return units < 0n ? `-${text}` : text;
};

/** Exact sum of decimals in text (up to six decimals, as amounts and quantities have). */
export const sum = (texts: readonly string[]): string =>
  fromUnits(texts.reduce((total, text) => total + toUnits(text), 0n));

export interface BillSoFar {
  readonly currency: string;
  readonly amount: string;
  /** What the month comes to when usage goes on as until now; an estimate. */
  readonly forecast: number;
  /** The usage with the greatest amount. */
  readonly usage: { readonly description: string; readonly value: string; readonly unit: string } | null;
  readonly completeTo: string | null;
}

/** What has to be reached before usage is carried forward: the first hours of a month say little. */
const forecastFromShare = 0.05;

function forecastOf({ lines, total, periodFrom, periodTo, completeTo }: Preview): number {
  const from = Date.parse(periodFrom);
  const known = (Date.parse(completeTo) - from) / (Date.parse(periodTo) - from);
  if (known < forecastFromShare) return Number.NaN;
  const used = lines.filter((line) => line.kind === 'usage').reduce((all, line) => all + Number(line.amount.amount), 0);
  return Number(total.amount) + used * (1 / Math.min(1, known) - 1);
}

/** The running month over all contracts one sees, when they are in one currency. */
export function billOf(previews: readonly Preview[]): BillSoFar | null {
  const currency = previews[0]?.total.currency;
  if (!currency || previews.some((p) => p.total.currency !== currency)) return null;
  const usage = new Map<string, { description: string; unit: string; values: string[]; amount: number }>();
  for (const { kind, description, quantity, amount } of previews.flatMap((p) => p.lines)) {
    if (kind !== 'usage' || !quantity) continue;
    const key = `${description}|${quantity.unit}`;
    const entry = usage.get(key) ?? { description, unit: quantity.unit, values: [], amount: 0 };
    entry.values.push(quantity.value);
    entry.amount += Number(amount.amount);
    usage.set(key, entry);
  }
  const greatest = [...usage.values()].sort((a, b) => b.amount - a.amount)[0];
  return {
    currency,
    amount: sum(previews.map((p) => p.total.amount)),
    forecast: previews.map(forecastOf).reduce((a, b) => a + b, 0),
    usage: greatest ? { description: greatest.description, unit: greatest.unit, value: sum(greatest.values) } : null,
    completeTo: previews.map((p) => p.completeTo).sort()[0] ?? null,
  };
}
