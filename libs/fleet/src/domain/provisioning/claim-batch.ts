import { type Fault, invalid } from '@throughline/kernel';
import { checkText } from '../checks.js';
import { ProvisioningRefusal } from './refusal.js';

/** Boards that share one claim certificate. */
export interface ClaimBatch {
  readonly id: string;
  readonly name: string;
  readonly templateId: string;
  /** Devices that may be made of it, and those that were. */
  readonly maxCount: number;
  readonly provisionedCount: number;
  readonly expiresAt: Date;
  readonly deactivatedAt: Date | null;
  /** Whether only listed serial numbers are allowed. */
  readonly serialsListed: boolean;
  /** Of the claim certificate. */
  readonly fingerprint: string;
  readonly createdAt: Date;
}

export interface ClaimBatchInput {
  readonly name: string;
  readonly templateName: string;
  readonly maxCount: number;
  readonly expiresAt: Date;
  /** Missing: any. */
  readonly serialNumbers?: readonly string[] | undefined;
}

const MAX_COUNT = 1_000_000;
const MAX_SERIALS = 100_000;
const MAX_SERIAL = 128;
const MAX_LIFE_MS = 5 * 366 * 86_400_000;

/** The serial numbers, each once; throws one INVALID_INPUT that lists every fault of the batch. */
export function checkedBatch(input: ClaimBatchInput, now: Date): { serialNumbers: string[] | undefined } {
  const faults: Fault[] = [];
  const { maxCount, expiresAt, serialNumbers } = input;
  checkText(faults, 'name', input.name, 80);
  if (!Number.isInteger(maxCount) || maxCount < 1 || maxCount > MAX_COUNT)
    faults.push({ field: 'maxCount', value: maxCount, rule: `must be a whole number from 1 to ${MAX_COUNT}` });
  const life = expiresAt.getTime() - now.getTime();
  if (!(life > 0 && life <= MAX_LIFE_MS))
    faults.push({ field: 'expiresAt', value: expiresAt, rule: 'must be in the future, at most five years ahead' });
  const unique = serialNumbers && [...new Set(serialNumbers)];
  if (unique && (unique.length === 0 || unique.length > MAX_SERIALS))
    faults.push({ field: 'serialNumbers', value: unique.length, rule: `must be 1 to ${MAX_SERIALS} when given` });
  const bad = unique?.find((s) => s.trim() === '' || s.length > MAX_SERIAL || /\p{Cc}/u.test(s));
  if (bad !== undefined)
    faults.push({ field: 'serialNumbers', value: bad, rule: `must be 1 to ${MAX_SERIAL} characters each` });
  if (faults.length > 0) throw invalid(...faults);
  return { serialNumbers: unique };
}

/** Throws ClaimNotActive unless the batch may be used now. */
export function checkActive(batch: ClaimBatch, now: Date): void {
  const fault = batch.deactivatedAt ? 'is deactivated' : batch.expiresAt <= now ? 'has expired' : undefined;
  if (fault) throw new ProvisioningRefusal('ClaimNotActive', `the claim batch ${fault}`);
}
