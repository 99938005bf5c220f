import type { Terms } from '@throughline/contracts';
import { type Interval, intersect } from '@throughline/kernel';

/** What a line was worked out from. */
export type LineBasis =
  | { readonly kind: 'windows'; readonly meter: string; readonly unit: string }
  | { readonly kind: 'intervals' }
  /** A fee: nothing but the time under contract. */
  | { readonly kind: 'time' };

/** A correction rests on what the charge or guarantee that it corrects rests on. */
export function basisOf(terms: Terms, chargeKey: string): LineBasis {
  const charge = terms.charges.find((c) => c.key === chargeKey);
  if (charge?.kind === 'usage') return { kind: 'windows', meter: charge.meter, unit: charge.unit };
  return terms.guarantees.some((g) => g.key === chargeKey) ? { kind: 'intervals' } : { kind: 'time' };
}

/** Parts of intervals that lie within a period, in order. */
export const clipped = <T extends Interval>(intervals: readonly T[], period: Interval): T[] =>
  intervals.flatMap((interval) => {
    const part = intersect(interval, period);
    return part ? [{ ...interval, ...part }] : [];
  });
