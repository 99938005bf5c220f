/** Times and names of the certificates of an installation. */

const YEAR_MS = 365.25 * 86_400_000;
const DAY_MS = 86_400_000;

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Clocks of controllers are off; what is valid now is valid for them too. */
const BACKDATED_MS = 3_600_000;
const CA_YEARS = 20;
/** AWS IoT's device certificates end with 2049, the last year X.509 can write in two digits. */
const LAST_INSTANT = new Date('2049-12-31T23:59:59Z');
/** Server certificates live about 13 months, as browsers ask of public ones. */
const SERVER_DAYS = 397;
const RENEW_BEFORE_DAYS = 30;

const wholeSecond = (ms: number): Date => new Date(Math.floor(ms / 1000) * 1000);

export const caValidity = (now: Date): Validity => ({
  notBefore: wholeSecond(now.getTime() - BACKDATED_MS),
  notAfter: earlier(wholeSecond(now.getTime() + CA_YEARS * YEAR_MS), LAST_INSTANT),
});

/**
 * A device's certificate lasts as long as the CA that made it (AWS IoT: to the end of 2049): machines run for decades
 * without a hand on them. What ends a certificate in practice is its revocation.
 */
export const deviceValidity = (now: Date, ca: Validity): Validity => ({
  notBefore: later(wholeSecond(now.getTime() - BACKDATED_MS), ca.notBefore),
  notAfter: ca.notAfter,
});

export const serverValidity = (now: Date, ca: Validity): Validity => ({
  notBefore: later(wholeSecond(now.getTime() - BACKDATED_MS), ca.notBefore),
  notAfter: earlier(wholeSecond(now.getTime() + SERVER_DAYS * DAY_MS), ca.notAfter),
});

/** A server certificate is made anew when less than 30 days of it are left. */
export const mustRenew = (now: Date, notAfter: Date): boolean =>
  notAfter.getTime() - now.getTime() < RENEW_BEFORE_DAYS * DAY_MS;

/** SHA-256 as hex in lower case, whether written "AA:BB:…" or "aabb…". */
export const normalFingerprint = (text: string): string => text.replaceAll(':', '').toLowerCase();

const earlier = (a: Date, b: Date): Date => (a < b ? a : b);
const later = (a: Date, b: Date): Date => (a > b ? a : b);
