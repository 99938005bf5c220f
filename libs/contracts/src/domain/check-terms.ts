import { type Decimal, DomainError, invalid, parseCurrency } from '@throughline/kernel';
import { checkGuarantee } from './check-guarantee.js';
import { at, Reading } from './reading.js';
import type { AvailabilityGuarantee, Charge, Terms, Tier, UsageCharge } from './terms.js';

/** Limits of one set of terms. */
export const termsLimits = { charges: 50, guarantees: 10, tiers: 20, bands: 10, description: 200, unit: 20 } as const;

/**
 * Terms from input that may be anything; what comes back has known fields only and keeps decimals as they were written.
 * Throws one INVALID_INPUT that lists every fault by its place: `charges[1].price.tiers[0].unitPrice: must not be negative`.
 * `field` stands before each place. Whether meters exist is a question to the assets' models and asked when a contract is made.
 */
export function checkTerms(raw: unknown, field = ''): Terms {
  const read = new Reading();
  const terms = readTerms(read, raw, field);
  if (read.faults.length > 0 || !terms) throw invalid(...read.faults);
  return terms;
}

function readTerms(read: Reading, raw: unknown, field: string): Terms | undefined {
  const given = read.object(raw, field, ['currency', 'cadence', 'charges', 'guarantees']);
  if (!given) return undefined;
  const currency = readCurrency(read, given.currency, at(field, 'currency'));
  const cadence = read.oneOf(given.cadence, at(field, 'cadence'), ['month']) ?? 'month';
  const charges = read
    .list(given.charges, at(field, 'charges'), 1, termsLimits.charges)
    .flatMap((charge, i) => readCharge(read, charge, `${at(field, 'charges')}[${i}]`) ?? []);
  const guarantees = read
    .list(given.guarantees, at(field, 'guarantees'), 0, termsLimits.guarantees)
    .flatMap((g, i) => checkGuarantee(read, g, `${at(field, 'guarantees')}[${i}]`, termsLimits) ?? []);
  uniqueKeys(read, given, field);
  for (const [i, guarantee] of guarantees.entries())
    checkBasis(read, guarantee, charges, `${at(field, 'guarantees')}[${i}]`);
  return { currency, cadence, charges, guarantees };
}

function readCurrency(read: Reading, value: unknown, field: string): string {
  try {
    return parseCurrency(value, field);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    read.faults.push(...error.faults);
    return '';
  }
}

const recurringFields = ['kind', 'key', 'description', 'amount', 'per'];
const usageFields = ['kind', 'key', 'description', 'meter', 'unit', 'price', 'pooling'];
/** Of a kind that nobody knows, only the kind is at fault. */
const everyField = [...recurringFields, ...usageFields];

function readCharge(read: Reading, raw: unknown, field: string): Charge | undefined {
  const kind = typeof raw === 'object' && raw !== null && 'kind' in raw ? raw.kind : undefined;
  const own = kind === 'usage' ? usageFields : kind === 'recurring' ? recurringFields : everyField;
  const given = read.object(raw, field, own);
  if (!given) return undefined;
  const known = read.oneOf(kind, at(field, 'kind'), ['recurring', 'usage']);
  const key = read.name(given.key, at(field, 'key'));
  const description = read.text(given.description, at(field, 'description'), termsLimits.description);
  if (known === 'recurring') {
    read.decimal(given.amount, at(field, 'amount'));
    const per = read.oneOf(given.per, at(field, 'per'), ['asset', 'contract']) ?? 'asset';
    return { kind: known, key, description, amount: String(given.amount), per };
  }
  if (known !== 'usage') return undefined;
  const meter = read.name(given.meter, at(field, 'meter'));
  const unit = readUnit(read, given.unit, at(field, 'unit'));
  const price = readPrice(read, given.price, at(field, 'price'));
  const pooling = read.oneOf(given.pooling, at(field, 'pooling'), ['contract', 'asset']) ?? 'contract';
  return price && { kind: known, key, description, meter, unit, price, pooling };
}

function readUnit(read: Reading, value: unknown, field: string): string {
  if (typeof value === 'string' && /^[\x21-\x7e]{1,20}$/.test(value)) return value;
  read.fault(field, value, `must be a UCUM unit of 1 to ${termsLimits.unit} characters, such as "m3"`);
  return '';
}

function readPrice(read: Reading, raw: unknown, field: string): UsageCharge['price'] | undefined {
  const model = typeof raw === 'object' && raw !== null && 'model' in raw ? raw.model : undefined;
  const own = model === 'per_unit' ? ['unitPrice'] : model === 'graduated' ? ['tiers'] : ['unitPrice', 'tiers'];
  const given = read.object(raw, field, ['model', ...own]);
  if (!given) return undefined;
  const known = read.oneOf(model, at(field, 'model'), ['per_unit', 'graduated']);
  if (known === 'per_unit') {
    read.decimal(given.unitPrice, at(field, 'unitPrice'));
    return { model: known, unitPrice: String(given.unitPrice) };
  }
  return known && { model: known, tiers: readTiers(read, given.tiers, at(field, 'tiers')) };
}

function readTiers(read: Reading, raw: unknown, field: string): Tier[] {
  const tiers = read.list(raw, field, 1, termsLimits.tiers);
  let before: Decimal | undefined;
  return tiers.flatMap((tier, i) => {
    const place = `${field}[${i}]`;
    const given = read.object(tier, place, ['upTo', 'unitPrice']);
    if (!given) return [];
    read.decimal(given.unitPrice, at(place, 'unitPrice'));
    const { upTo } = given;
    const last = i === tiers.length - 1;
    if (last && upTo !== null) read.fault(at(place, 'upTo'), upTo, 'must be null in the last tier, which has no end');
    if (!last && upTo === null) read.fault(at(place, 'upTo'), upTo, 'must be a number: only the last tier has no end');
    if (upTo !== null) {
      const bound = read.decimal(upTo, at(place, 'upTo'));
      if (bound && !bound.greaterThan(before ?? 0))
        read.fault(at(place, 'upTo'), upTo, before ? 'must be above the tier before' : 'must be above 0');
      before = bound ?? before;
    }
    return [{ upTo: upTo === null ? null : String(upTo), unitPrice: String(given.unitPrice) }];
  });
}

/** Looked up in what was given, so that a charge with other faults still counts. */
function uniqueKeys(read: Reading, given: Readonly<Record<string, unknown>>, field: string): void {
  const seen = new Map<unknown, string>();
  for (const list of ['charges', 'guarantees']) {
    const items: unknown = given[list];
    if (!Array.isArray(items)) continue;
    for (const [i, item] of items.entries()) {
      const key: unknown = item?.key;
      const place = `${at(field, list)}[${i}].key`;
      const first = seen.get(key);
      if (typeof key !== 'string') continue;
      if (first === undefined) seen.set(key, place);
      else read.fault(place, key, `must be unique, but ${first} is the same`);
    }
  }
}

function checkBasis(read: Reading, guarantee: AvailabilityGuarantee, charges: readonly Charge[], field: string): void {
  const basis = charges.find((charge) => charge.key === guarantee.basis);
  if (basis?.kind !== 'recurring' || basis.per !== 'asset')
    read.fault(at(field, 'basis'), guarantee.basis, 'must be the key of a recurring charge per asset of these terms');
}
