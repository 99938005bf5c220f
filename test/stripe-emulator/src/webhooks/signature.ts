import { createHmac } from 'node:crypto';

/** The `stripe-signature` header: HMAC-SHA256 over `<seconds>.<body>` by the endpoint's secret. */
export function signatureHeader(body: string, secret: string, seconds: number): string {
  const v1 = createHmac('sha256', secret).update(`${seconds}.${body}`, 'utf8').digest('hex');
  return `t=${seconds},v1=${v1}`;
}
