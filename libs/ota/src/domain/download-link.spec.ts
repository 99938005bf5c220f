import { randomBytes } from 'node:crypto';
import { isSigned, signed } from './download-link.js';

const key = randomBytes(32);
const now = new Date('2026-03-02T08:00:00Z');
const later = new Date('2026-03-02T09:00:00Z');

describe('a link', () => {
  const good = signed(key, 'a', later);

  it('is good until it ends, and not from then on', () => {
    expect(isSigned(key, 'a', good, now)).toBe(true);
    expect(isSigned(key, 'a', good, new Date(later.getTime() - 1))).toBe(true);
    expect(isSigned(key, 'a', good, later)).toBe(false);
  });

  it('is good for its artefact, its end and its key only', () => {
    const longer = String(Number(good.expires) + 1);
    expect(isSigned(key, 'b', good, now)).toBe(false);
    expect(isSigned(key, 'a', { ...good, expires: longer }, now)).toBe(false);
    expect(isSigned(randomBytes(32), 'a', good, now)).toBe(false);
  });

  it.each([
    [{ ...good, signature: undefined }],
    [{ ...good, signature: '' }],
    [{ ...good, signature: [good.signature] }],
    [{ ...good, signature: good.signature.slice(0, -2) }],
    [{ ...good, signature: `${good.signature}AA` }],
    [{ ...good, expires: undefined }],
    [{ ...good, expires: 'never' }],
    [{ ...good, expires: `${good.expires}.0` }],
    [{ ...good, expires: '-1' }],
  ])('is not %j', (parameters) => {
    expect(isSigned(key, 'a', parameters, now)).toBe(false);
  });
});
