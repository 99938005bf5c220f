import { type Fault, isId } from '@throughline/kernel';

/** What a version, a hardware or a file may be called: no path, nothing to be quoted in an address. */
const WORD = /^[a-zA-Z0-9][a-zA-Z0-9._+-]{0,63}$/;
const FILE_NAME = /^[^\p{Cc}/\\]{1,200}$/u;
const MAX_COUNTER = 2_147_483_647;

export function checkWord(faults: Fault[], field: string, value: unknown): void {
  if (typeof value !== 'string' || !WORD.test(value))
    faults.push({ field, value, rule: 'must be 1 to 64 of a-z A-Z 0-9 . _ + - and begin with a letter or digit' });
}

export function checkFileName(faults: Fault[], field: string, value: unknown): void {
  if (typeof value !== 'string' || !FILE_NAME.test(value) || value === '.' || value === '..')
    faults.push({ field, value, rule: 'must be a file name of 1 to 200 characters without a folder' });
}

export function checkCounter(faults: Fault[], field: string, value: unknown): void {
  if (!Number.isInteger(value) || Number(value) < 1 || Number(value) > MAX_COUNTER)
    faults.push({ field, value, rule: `must be a whole number from 1 to ${MAX_COUNTER}` });
}

export function checkId(faults: Fault[], field: string, value: unknown): void {
  if (!isId(value)) faults.push({ field, value, rule: 'must be an id' });
}
