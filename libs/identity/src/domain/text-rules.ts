import { type Fault, invalid } from '@throughline/kernel';

// One "@", something before it, a dotted or single host after it, no blanks: the mail server is the real judge.
const email = /^[^\s@"<>()]{1,64}@[^\s@"<>()]{1,255}$/;

/** The form in which e-mail addresses are stored and compared. */
export const normalEmail = (text: string): string => text.trim().toLowerCase();

export const isEmail = (text: string): boolean => text.length <= 320 && email.test(text);

/** Trimmed text of 1 to `max` characters, else a fault is added. */
export function shortText(faults: Fault[], field: string, value: string, max: number): string {
  const text = value.trim();
  const hasControl = [...text].some((c) => (c.codePointAt(0) ?? 0) < 32);
  if (text === '' || text.length > max || hasControl)
    faults.push({ field, value, rule: `must be a line of 1 to ${max} characters` });
  return text;
}

/** Throws one error for all faults; does nothing without any. */
export function refuseFaults(faults: readonly Fault[]): void {
  if (faults.length > 0) throw invalid(...faults);
}
