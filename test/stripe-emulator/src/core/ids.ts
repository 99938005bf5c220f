import { randomBytes } from 'node:crypto';

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Random letters and digits; unique by chance alone, as Stripe's ids are. */
export const token = (length: number): string =>
  Array.from(randomBytes(length), (byte) => LETTERS[byte % LETTERS.length]).join('');

/** An id like `in_1QeKz…`: prefix and 24 letters, or the 14 of a customer, product or request. */
export const newId = (prefix: string): string =>
  `${prefix}_${['cus', 'prod', 'req', 'si'].includes(prefix) ? token(14) : `1${token(23)}`}`;
