import { createHmac } from 'node:crypto';
import { DomainError } from '@throughline/kernel';
import { StripeClient } from './stripe.client.js';

const SECRET = 'whsec_of_this_test';
const NOW = new Date('2026-03-10T08:00:00Z');
const client = new StripeClient({ secretKey: 'sk_test_x', webhookSecret: SECRET, apiBase: undefined });
const body = JSON.stringify({ id: 'evt_1', object: 'event', type: 'invoice.paid', data: {} });

/** A header as Stripe writes it, `age` seconds before now. */
function signed(text: string, { secret = SECRET, age = 0, scheme = 'v1' } = {}): string {
  const time = Math.floor(NOW.getTime() / 1000) - age;
  return `t=${time},${scheme}=${createHmac('sha256', secret).update(`${time}.${text}`).digest('hex')}`;
}

const verify = (text: string, header: string) => client.verifyEvent(Buffer.from(text), header, NOW);
const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return error.code;
  }
};

describe('the signature of a webhook', () => {
  it('lets through what Stripe signed, up to five minutes old', () => {
    expect(verify(body, signed(body))).toMatchObject({ id: 'evt_1', type: 'invoice.paid' });
    expect(verify(body, signed(body, { age: 300 })).id).toBe('evt_1');
  });

  it.each([
    ['signed with another secret', body, signed(body, { secret: 'whsec_other' })],
    ['of another body', body.replace('evt_1', 'evt_2'), signed(body)],
    ['of the same body written in another way', body.replace('{', '{ '), signed(body)],
    ['that is too old', body, signed(body, { age: 301 })],
    ['with its time moved', body, signed(body, { age: 400 }).replace(/t=\d+/, `t=${NOW.getTime() / 1000}`)],
    ['of an unknown scheme', body, signed(body, { scheme: 'v0' })],
    ['that is missing', body, ''],
    ['that is nonsense', body, 't=now,v1=yes'],
  ])('refuses one %s', (_what, text, header) => {
    expect(codeOf(() => verify(text, header))).toBe('UNAUTHENTICATED');
  });

  it.each([
    '',
    'null',
    '[]',
    '{"id":"evt_1"}',
    '{"id":"","object":"event","type":"x"}',
    '{"id":"e","object":"account","type":"x"}',
  ])('lets no signed body %p pass for an event', (text) =>
    expect(codeOf(() => verify(text, signed(text)))).toBe('INVALID_INPUT'),
  );

  it('cannot be checked without the secret', () => {
    expect(codeOf(() => new StripeClient(undefined).verifyEvent(Buffer.from(body), signed(body), NOW))).toBe(
      'UNAVAILABLE',
    );
  });
});
