import { newId } from '@throughline/kernel';
import { looksLikeApiKey, newApiKey, newRefreshToken, prefixOf, sameHash, sessionOf, sha256 } from './credentials.js';

describe('refresh tokens', () => {
  it('name their session and are stored as a hash only', () => {
    const id = newId();
    const { text, hash } = newRefreshToken(id);
    expect(sessionOf(text)).toBe(id);
    expect(hash).toBe(sha256(text));
    expect(hash).not.toContain(text.slice(-20));
  });

  it('are new each time', () => {
    const id = newId();
    expect(new Set(Array.from({ length: 100 }, () => newRefreshToken(id).text)).size).toBe(100);
  });

  it.each(['', '.', 'x'.repeat(80), `${newId()}.short`, `${newId()}.${'a'.repeat(44)}`, `not-an-id.${'a'.repeat(43)}`])(
    'cannot be %j',
    (text) => {
      expect(sessionOf(text)).toBeUndefined();
    },
  );
});

describe('API keys', () => {
  it('have a public part, 256 bits of secret and are stored as a hash only', () => {
    const { prefix, text, hash } = newApiKey();
    expect(text).toMatch(/^tl_[0-9a-f]{16}_[\w-]{43}$/);
    expect(prefixOf(text)).toBe(prefix);
    expect(prefix.length).toBeLessThanOrEqual(24);
    expect(Buffer.from(text.slice(prefix.length + 1), 'base64url')).toHaveLength(32);
    expect(hash).toBe(sha256(text));
    expect(looksLikeApiKey(text)).toBe(true);
  });

  it.each([
    'tl_',
    'tl_0123456789abcdef_',
    `tl_0123456789abcdeg_${'a'.repeat(43)}`,
    `tl_0123456789abcdef_${'a'.repeat(42)}`,
  ])('cannot be %j', (text) => {
    expect(prefixOf(text)).toBeUndefined();
  });
});

describe('sameHash', () => {
  it('is true for equal digests only', () => {
    expect(sameHash(sha256('a'), sha256('a'))).toBe(true);
    expect(sameHash(sha256('a'), sha256('b'))).toBe(false);
    expect(sameHash(sha256('a'), sha256('a').slice(2))).toBe(false);
    expect(sameHash('', '')).toBe(false);
    expect(sameHash('zz', 'zz')).toBe(false);
  });
});
