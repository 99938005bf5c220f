import { StripeFault } from '../core/errors.js';

const HELP =
  "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.";

const refused = (message: string): StripeFault =>
  new StripeFault(401, { type: 'invalid_request_error', message }, { 'www-authenticate': 'Bearer realm="Stripe"' });

const hidden = (key: string): string =>
  key.length <= 12 ? '*'.repeat(key.length) : `${key.slice(0, 8)}${'*'.repeat(key.length - 12)}${key.slice(-4)}`;

/** Accepts a secret test key as Bearer token or Basic user name: any `sk_test_…`/`rk_test_…`, or those listed. */
export function authorise(header: string | undefined, keys: readonly string[] | undefined): void {
  const [scheme, value] = (header ?? '').split(' ');
  if (!scheme || !value) throw refused(HELP);
  const key = scheme.toLowerCase() === 'basic' ? Buffer.from(value, 'base64').toString().split(':')[0] : value;
  if (!key) throw refused(HELP);
  const known = keys ? keys.includes(key) : /^(sk|rk)_test_\w{3,}$/.test(key);
  if (!known) throw refused(`Invalid API Key provided: ${hidden(key)}`);
}
