import { DomainError, type Fault, type Interval, invalid, isId, parseTimeZone } from '@throughline/kernel';
import type { Terms } from './terms.js';

/** A signed contract with its own frozen copy of a plan version's terms. Instants in ms since the epoch. */
export interface Contract {
  readonly id: string;
  readonly number: string;
  readonly customerId: string;
  readonly planVersionId: string;
  readonly terms: Terms;
  readonly currency: string;
  /** IANA zone in which its months begin and end. */
  readonly timeZone: string;
  readonly from: number;
  /** Null while no end is agreed. */
  readonly to: number | null;
}

/** An asset's time under a contract, [from, to) in ms. */
export interface Stay {
  readonly contractId: string;
  readonly assetId: string;
  readonly from: number;
  readonly to: number | null;
}

export type ContractState = 'upcoming' | 'active' | 'ended';

/** Where an instant is in a contract's time; it follows from its bounds and is stored nowhere. */
export const contractState = ({ from, to }: Pick<Contract, 'from' | 'to'>, now: number): ContractState =>
  to !== null && to <= now ? 'ended' : from > now ? 'upcoming' : 'active';

export interface CreateContractInput {
  /** Unique among all contracts: "C-2026-014". */
  readonly number: string;
  readonly customerId: string;
  /** A published version. */
  readonly planVersionId: string;
  readonly assetIds: readonly string[];
  readonly from: Date;
  readonly to?: Date | null;
  /** IANA name. */
  readonly timeZone: string;
}

export interface CheckedContract extends Interval {
  readonly number: string;
  readonly timeZone: string;
}

export const MAX_CONTRACT_ASSETS = 500;
/** No machine we speak with reported before; an earlier begin is a slip of the pen, and each of its months would be billed. */
const EARLIEST_FROM = Date.UTC(2015, 0, 1);

/** What can be said of a contract's input without looking anything up. `to` is Infinity while no end is agreed. */
export function checkedContract(input: CreateContractInput): CheckedContract {
  const faults: Fault[] = [];
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._/-]{0,59}$/u.test(input.number))
    faults.push({ field: 'number', value: input.number, rule: 'must be 1 to 60 letters, digits, blanks or . _ / -' });
  for (const field of ['customerId', 'planVersionId'] as const)
    if (!isId(input[field])) faults.push({ field, value: input[field], rule: 'must be an id' });
  checkAssetIds(input.assetIds, faults);
  const [from, to] = [input.from.getTime(), input.to?.getTime() ?? Number.POSITIVE_INFINITY];
  if (Number.isNaN(from)) faults.push({ field: 'from', value: input.from, rule: 'must be an instant' });
  else if (from < EARLIEST_FROM)
    faults.push({
      field: 'from',
      value: input.from,
      rule: `must not be before ${new Date(EARLIEST_FROM).toISOString()}`,
    });
  if (Number.isNaN(to) || to <= from) faults.push({ field: 'to', value: input.to, rule: 'must be after "from"' });
  const timeZone = zoneOf(input.timeZone, faults);
  if (faults.length > 0) throw invalid(...faults);
  return { number: input.number.trim(), timeZone, from, to };
}

function checkAssetIds(ids: readonly string[], faults: Fault[]): void {
  if (ids.length < 1 || ids.length > MAX_CONTRACT_ASSETS)
    faults.push({ field: 'assetIds', value: ids.length, rule: `must name 1 to ${MAX_CONTRACT_ASSETS} assets` });
  for (const [i, id] of ids.entries())
    if (!isId(id)) faults.push({ field: `assetIds[${i}]`, value: id, rule: 'must be an id' });
    else if (ids.indexOf(id) < i) faults.push({ field: `assetIds[${i}]`, value: id, rule: 'must not be named twice' });
}

function zoneOf(text: string, faults: Fault[]): string {
  try {
    return parseTimeZone(text, 'timeZone');
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    faults.push(...error.faults);
    return '';
  }
}
