import fc from 'fast-check';
import { hourOf, partyOf, RefusalCounts, type RefusedConnection, reasonOfCertificate } from './connection-refusal.js';

const at = new Date('2026-03-02T08:20:00Z');
const refused = (over: Partial<RefusedConnection> = {}): RefusedConnection => ({
  reason: 'foreign_certificate',
  remoteAddress: '10.0.0.1',
  fingerprint: 'ab',
  detail: 'no CA of ours',
  ...over,
});

it.each([
  ['CERT_HAS_EXPIRED', true, 'expired_certificate'],
  ['CERT_NOT_YET_VALID', true, 'not_yet_valid_certificate'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', true, 'foreign_certificate'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', true, 'foreign_certificate'],
  [undefined, true, 'foreign_certificate'],
  ['UNSPECIFIED', false, 'no_certificate'],
] as const)('a certificate with %s (there: %s) is refused as %s', (code, there, reason) =>
  expect(reasonOfCertificate(code, there)).toBe(reason),
);

describe('refused connections', () => {
  it('of one certificate are one row an hour, wherever they come from; those without one are of their address', () => {
    const counts = new RefusalCounts(10);
    for (let i = 0; i < 1_000; i += 1) counts.add(refused({ remoteAddress: `10.0.0.${i % 200}` }), at);
    counts.add(refused({ fingerprint: undefined, reason: 'no_certificate' }), at);
    counts.add(refused({ fingerprint: undefined, reason: 'no_certificate' }), new Date('2026-03-02T09:00:00Z'));
    expect(counts.take().map(({ hour, party, connections }) => [hour.toISOString(), party, connections])).toEqual([
      ['2026-03-02T08:00:00.000Z', 'ab', 1_000],
      ['2026-03-02T08:00:00.000Z', '10.0.0.1', 1],
      ['2026-03-02T09:00:00.000Z', '10.0.0.1', 1],
    ]);
    expect(counts.size).toBe(0);
  });

  it('are all counted and in bounded rows, whatever comes', () =>
    fc.assert(
      fc.property(fc.array(fc.record({ party: fc.string(), late: fc.boolean() }), { maxLength: 200 }), (all) => {
        const counts = new RefusalCounts(3);
        const sorted = [...all].sort((a, b) => Number(a.late) - Number(b.late));
        for (const { party, late } of sorted)
          counts.add(refused({ fingerprint: party }), new Date(at.getTime() + (late ? 3_600_000 : 0)));
        const rows = counts.take();
        expect(rows.reduce((sum, { connections }) => sum + connections, 0)).toBe(all.length);
        expect(rows.length).toBeLessThanOrEqual(8);
      }),
    ));

  it('keep what they say within the columns', () => {
    const counts = new RefusalCounts(1);
    counts.add(refused({ subject: 'a\nb'.repeat(100), detail: 'x'.repeat(500), remoteAddress: 'y'.repeat(99) }), at);
    const [row] = counts.take();
    expect([row?.subject?.length, row?.detail.length, row?.remoteAddress?.length]).toEqual([128, 300, 64]);
    expect(row?.subject).toContain('a b');
    expect(partyOf({ fingerprint: undefined, remoteAddress: undefined })).toBe('unknown');
    expect(hourOf(at).toISOString()).toBe('2026-03-02T08:00:00.000Z');
  });
});
