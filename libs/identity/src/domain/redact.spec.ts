import { redacted } from './redact.js';

describe('redacted', () => {
  it('replaces secrets at every level and keeps the rest', () => {
    const detail = {
      email: 'a@b.test',
      password: 'hunter2hunter2',
      refreshToken: 'abc',
      key: 'tl_x_y',
      input: { clientSecret: 's', name: 'pump', nested: [{ accessToken: 't', at: new Date(0) }] },
    };
    expect(redacted(detail)).toEqual({
      email: 'a@b.test',
      password: '[secret]',
      refreshToken: '[secret]',
      key: '[secret]',
      input: {
        clientSecret: '[secret]',
        name: 'pump',
        nested: [{ accessToken: '[secret]', at: '1970-01-01T00:00:00.000Z' }],
      },
    });
  });

  it('cuts long texts, long lists and deep nesting, and drops what is no data', () => {
    expect(redacted('x'.repeat(500))).toHaveLength(201);
    expect((redacted(Array.from({ length: 30 }, (_, i) => i)) as unknown[]).at(-1)).toBe('… 10 more');
    expect(redacted({ a: { b: { c: { d: { e: { f: 1 } } } } } })).toEqual({ a: { b: { c: { d: { e: '…' } } } } });
    expect(redacted({ call: () => 1, big: 10n, none: null, no: undefined })).toEqual({ none: null });
  });
});
