/** Characters of a value that count; what comes after them is not compared. */
export const MAX_VALUE = 200;

/** The form in which texts are compared: one Unicode form, small letters, no control characters, the first 200 characters. */
export function folded(text: string): string {
  return text
    .toWellFormed()
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\p{Cc}\u{10ffff}]/gu, ' ')
    .slice(0, MAX_VALUE)
    .toWellFormed();
}

const decimal = /^[+-]?(\d{1,100}(\.\d{1,100})?|\.\d{1,100})([eE][+-]?\d{1,3})?$/;

/** The number that a text is, or undefined: "20", "-1.5", "1e3"; not "", "0x10", "Infinity". */
export function numberOf(text: string): number | undefined {
  if (!decimal.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

const rfc3339 = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

/** Ms since the epoch that a text names: a number of them, a day in UTC, or RFC 3339. */
export function instantOf(text: string): number | undefined {
  const ms = rfc3339.test(text) ? Date.parse(text) : numberOf(text);
  return ms !== undefined && Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? ms : undefined;
}

const NUMBER_WIDTH = 12;

/** Versions as texts that sort as the versions do: runs of digits are padded. "1.10" comes after "1.9". */
export const versionKey = (version: string): string =>
  folded(version).replace(/\d+/g, (digits) => digits.replace(/^0+(?=\d)/, '').padStart(NUMBER_WIDTH, '0'));

/** A finite number as 16 hex digits that sort as the numbers do. */
export function numberKey(value: number): string {
  const bits = Buffer.alloc(8);
  // 0 and -0 are the same number.
  bits.writeDoubleBE(value === 0 ? 0 : value);
  const negative = ((bits[0] ?? 0) & 0x80) !== 0;
  for (let i = 0; i < 8; i += 1) bits[i] = (bits[i] ?? 0) ^ (negative ? 0xff : i === 0 ? 0x80 : 0);
  return bits.toString('hex');
}

const wordStart = /(?<![\p{L}\p{N}])[\p{L}\p{N}]/gu;
const MAX_WORDS = 24;

/** The value from the beginning of each of its first 24 words on, folded: "Pump 12" is "pump 12" and "12". The whole is first. */
export function wordSuffixes(value: string): string[] {
  const text = folded(value);
  const starts = [0, ...[...text.matchAll(wordStart)].map((match) => match.index)];
  return [...new Set(starts)].slice(0, MAX_WORDS).map((start) => text.slice(start));
}
