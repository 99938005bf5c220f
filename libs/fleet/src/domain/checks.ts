import { type Fault, isId } from '@throughline/kernel';

/** Adds a fault unless the text, without blanks at its ends, has 1 to `max` characters (0 when it may be empty). */
export function checkText(faults: Fault[], field: string, value: unknown, max: number, min = 1): void {
  const ok = typeof value === 'string' && value.trim().length >= min && value.length <= max && !hasControls(value);
  if (!ok) faults.push({ field, value, rule: `must be ${min} to ${max} characters without line breaks` });
}

export function checkId(faults: Fault[], field: string, value: unknown): void {
  if (!isId(value)) faults.push({ field, value, rule: 'must be an id' });
}

/** Instants of the registry lie in the past: what follows from them is done at once. */
export function checkPast(faults: Fault[], field: string, value: Date, now: Date): void {
  if (Number.isNaN(value.getTime()) || value > now) faults.push({ field, value, rule: 'must not be in the future' });
}

const hasControls = (text: string): boolean => /\p{Cc}/u.test(text);
