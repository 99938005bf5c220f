import type { AvailabilityGuarantee, Charge, Terms } from '../../domain/terms.js';
import type { ChargeInput, ChargeType, GuaranteeInput, GuaranteeType, TermsInput, TermsType } from './terms.types.js';

/**
 * GraphQL's flat input in the shape of terms, not checked: `checkTerms` reads it. A field that does not belong to a
 * charge's kind is kept where it stood, so that it is refused by name and not dropped.
 */
export const termsFromInput = (input: TermsInput): unknown => ({
  currency: input.currency,
  cadence: 'month',
  charges: input.charges.map(chargeFromInput),
  guarantees: input.guarantees.map(guaranteeFromInput),
});

function chargeFromInput(input: ChargeInput): unknown {
  const { kind, key, description, amount, per, meter, unit, priceModel, unitPrice, pooling } = input;
  const tiers = input.tiers?.map((tier) => ({ upTo: tier.upTo ?? null, unitPrice: tier.unitPrice }));
  const head = { kind, key, description };
  if (kind !== 'usage')
    return { ...head, ...given({ amount, per, meter, unit, priceModel, unitPrice, tiers, pooling }) };
  const price = given({ model: priceModel, unitPrice, tiers });
  return { ...head, ...given({ amount, per, meter, unit, pooling }), price };
}

function guaranteeFromInput(input: GuaranteeInput): unknown {
  const { key, description, target, basis, capPercent } = input;
  const { up, down, excluded, exclusions, unknownMode, unknownMinutes, unknownThen, degraded, decimals } =
    input.definition;
  const unknown = Object.fromEntries(
    Object.entries({ mode: unknownMode, minutes: unknownMinutes })
      .concat([['then', unknownThen]])
      .filter(isGiven),
  );
  return {
    kind: 'availability',
    key,
    description,
    target,
    basis,
    capPercent,
    bands: input.bands.map(({ below, creditPercent }) => ({ below, creditPercent })),
    definition: { up, down, excluded, exclusions, unknown, degraded, decimals },
  };
}

/** Terms in GraphQL's flat shape. */
export const termsType = (terms: Terms): TermsType => ({
  currency: terms.currency,
  cadence: terms.cadence,
  charges: terms.charges.map(chargeType),
  guarantees: terms.guarantees.map(guaranteeType),
});

const noFields = {
  amount: null,
  per: null,
  meter: null,
  unit: null,
  priceModel: null,
  unitPrice: null,
  tiers: null,
  pooling: null,
} as const;

function chargeType(charge: Charge): ChargeType {
  const { key, description } = charge;
  if (charge.kind === 'recurring')
    return { ...noFields, kind: charge.kind, key, description, amount: charge.amount, per: charge.per };
  const { kind, meter, unit, pooling, price } = charge;
  const head = { ...noFields, kind, key, description, meter, unit, pooling, priceModel: price.model };
  return price.model === 'per_unit'
    ? { ...head, unitPrice: price.unitPrice }
    : { ...head, tiers: price.tiers.map((tier) => ({ ...tier })) };
}

function guaranteeType({ definition, kind: _, ...guarantee }: AvailabilityGuarantee): GuaranteeType {
  const { unknown, ...rest } = definition;
  const carried = unknown.mode === 'last_state_for' ? unknown : undefined;
  return {
    ...guarantee,
    definition: {
      ...rest,
      unknownMode: unknown.mode,
      unknownMinutes: carried?.minutes ?? null,
      unknownThen: carried?.then ?? null,
    },
  };
}

const isGiven = ([, value]: [string, unknown]): boolean => value !== null && value !== undefined;

const given = (fields: object): object => Object.fromEntries(Object.entries(fields).filter(isGiven));
