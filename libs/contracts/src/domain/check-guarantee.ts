import { type AvailabilityDefinition, checkDefinition } from '@throughline/availability';
import type { Decimal } from '@throughline/kernel';
import { at, type Reading } from './reading.js';
import type { AvailabilityGuarantee, CreditBand } from './terms.js';

const fields = ['kind', 'key', 'description', 'target', 'definition', 'bands', 'basis', 'capPercent'];
const definitionFields = ['up', 'down', 'excluded', 'exclusions', 'unknown', 'degraded', 'decimals'];

/** A guarantee's own rules; what it refers to is checked where the charges are known. */
export function checkGuarantee(
  read: Reading,
  raw: unknown,
  field: string,
  limits: { readonly bands: number; readonly description: number },
): AvailabilityGuarantee | undefined {
  const given = read.object(raw, field, fields);
  if (!given) return undefined;
  const kind = read.oneOf(given.kind, at(field, 'kind'), ['availability']) ?? 'availability';
  const key = read.name(given.key, at(field, 'key'));
  const description = read.text(given.description, at(field, 'description'), limits.description);
  const target = read.percent(given.target, at(field, 'target'));
  const bands = readBands(read, given.bands, at(field, 'bands'), target, limits.bands);
  read.percent(given.capPercent, at(field, 'capPercent'));
  const definition = readDefinition(read, given.definition, at(field, 'definition'));
  return (
    definition && {
      kind,
      key,
      description,
      target: String(given.target),
      definition,
      bands,
      basis: String(given.basis),
      capPercent: String(given.capPercent),
    }
  );
}

/** Bounds fall strictly from the target or below it, and credits rise strictly: a worse month is never credited less. */
function readBands(read: Reading, raw: unknown, field: string, target: Decimal | undefined, max: number): CreditBand[] {
  let before: { below: Decimal | undefined; credit: Decimal | undefined } = { below: undefined, credit: undefined };
  return read.list(raw, field, 1, max).flatMap((band, i) => {
    const place = `${field}[${i}]`;
    const given = read.object(band, place, ['below', 'creditPercent']);
    if (!given) return [];
    const below = read.percent(given.below, at(place, 'below'));
    const credit = read.percent(given.creditPercent, at(place, 'creditPercent'));
    if (below && before.below?.lessThanOrEqualTo(below))
      read.fault(at(place, 'below'), given.below, 'must be lower than in the band before');
    if (credit && before.credit?.greaterThanOrEqualTo(credit))
      read.fault(at(place, 'creditPercent'), given.creditPercent, 'must be higher than in the band before');
    if (i === 0 && below && target && below.greaterThan(target))
      read.fault(
        at(place, 'below'),
        given.below,
        'must not be above the target: a guarantee that is met earns no credit',
      );
    if (below?.isZero()) read.fault(at(place, 'below'), given.below, 'must be above 0: nothing is below it');
    before = { below: below ?? before.below, credit: credit ?? before.credit };
    return [{ below: String(given.below), creditPercent: String(given.creditPercent) }];
  });
}

function readDefinition(read: Reading, raw: unknown, field: string): AvailabilityDefinition | undefined {
  const given = read.object(raw, field, definitionFields);
  if (!given) return undefined;
  const unknown = read.object(given.unknown, at(field, 'unknown'), ['mode', 'minutes', 'then']);
  if (!unknown) return undefined;
  if (unknown.mode !== 'last_state_for')
    for (const name of ['minutes', 'then'])
      if (unknown[name] !== undefined)
        read.fault(at(field, `unknown.${name}`), unknown[name], 'belongs to the mode "last_state_for" only');
  // The check below holds every field to its type, so the shape is claimed here and proven there.
  const definition = { ...given, unknown } as unknown as AvailabilityDefinition;
  read.faults.push(...checkDefinition(definition, field));
  return definition;
}
