import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits. */
const SECRET_BYTES = 32;

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Compares two hex digests in constant time. */
export function sameHash(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a, 'hex'), Buffer.from(b, 'hex')];
  return x.length === y.length && x.length > 0 && timingSafeEqual(x, y);
}

export interface NewCredential {
  /** Shown once. */
  readonly text: string;
  /** What is stored. */
  readonly hash: string;
}

/** `<session id>.<secret>`: the id finds the session, so that an old token of it is recognised as one. */
export function newRefreshToken(sessionId: string): NewCredential {
  const text = `${sessionId}.${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { text, hash: sha256(text) };
}

const refreshToken = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.[\w-]{43}$/;

/** Session of a refresh token, or undefined when the text cannot be one. */
export const sessionOf = (token: string): string | undefined => refreshToken.exec(token)?.[1];

/** `tl_<id>_<secret>`; `prefix` is the public part `tl_<id>`. */
export function newApiKey(): NewCredential & { readonly prefix: string } {
  const prefix = `tl_${randomBytes(8).toString('hex')}`;
  const text = `${prefix}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { prefix, text, hash: sha256(text) };
}

const apiKey = /^(tl_[0-9a-f]{16})_[\w-]{43}$/;

export const looksLikeApiKey = (token: string): boolean => token.startsWith('tl_');

/** Public part of an API key, or undefined when the text cannot be one. */
export const prefixOf = (key: string): string | undefined => apiKey.exec(key)?.[1];
