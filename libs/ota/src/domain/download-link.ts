import { createHmac, timingSafeEqual } from 'node:crypto';

/** How long a link that was made may be used: devices that come back later get a fresh one with the job. */
export const LINK_VALID_MS = 60 * 60_000;

/** `expires`: seconds since the epoch. */
export interface SignedParameters {
  readonly expires: string;
  readonly signature: string;
}

const signatureOf = (key: Buffer, artefactId: string, expires: string): Buffer =>
  createHmac('sha256', key).update(`GET /artefacts/${artefactId}\n${expires}`).digest();

export function signed(key: Buffer, artefactId: string, expiresAt: Date): SignedParameters {
  const expires = String(Math.floor(expiresAt.getTime() / 1000));
  return { expires, signature: signatureOf(key, artefactId, expires).toString('base64url') };
}

/** Whether the parameters were made here for this artefact and are not over. Takes as long for a wrong signature as for a right one. */
export function isSigned(
  key: Buffer,
  artefactId: string,
  { expires, signature }: Readonly<Record<keyof SignedParameters, unknown>>,
  now: Date,
): boolean {
  if (typeof expires !== 'string' || !/^\d{1,12}$/.test(expires) || typeof signature !== 'string') return false;
  const right = signatureOf(key, artefactId, expires);
  const given = Buffer.from(signature, 'base64url');
  const same = given.length === right.length && timingSafeEqual(given, right);
  return same && now.getTime() < Number(expires) * 1000;
}
