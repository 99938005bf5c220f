import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { type StripeEmulator, type StripeEmulatorOptions, startStripeEmulator } from '../src/index.js';

export const KEY = 'sk_test_throughline';

/** A client as production makes it, with retries off so that a test sees every answer. */
export const clientOf = (emulator: Pick<StripeEmulator, 'host' | 'port'>, options: Stripe.StripeConfig = {}): Stripe =>
  new Stripe(KEY, {
    host: emulator.host,
    port: emulator.port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
    ...options,
  });

const open: Array<() => Promise<void>> = [];

/** An emulator and a client, both closed after the test. */
export async function emulated(options: StripeEmulatorOptions = {}) {
  const emulator = await startStripeEmulator(options);
  open.push(() => emulator.close());
  return { emulator, stripe: clientOf(emulator) };
}

export async function closeAll(): Promise<void> {
  for (const close of open.splice(0).reverse()) await close();
}

export interface Received {
  body: string;
  headers: IncomingHttpHeaders;
}

/** An endpoint that keeps what it gets and answers as told. */
export async function receiver(answer: (n: number) => number = () => 200) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      received.push({ body: Buffer.concat(parts).toString(), headers: request.headers });
      const status = answer(received.length);
      if (status === 0) response.destroy();
      else response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => new Promise((resolve) => server.close(() => resolve())));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`, received };
}

/** The error a call fails with. */
export async function failing(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error('the call succeeded');
}

export const D = (value: string) => Stripe.Decimal.from(value);

/** A customer with a card that works, in euro. */
export async function payingCustomer(
  stripe: Stripe,
  extra: Stripe.CustomerCreateParams = {},
): Promise<Stripe.Customer> {
  return stripe.customers.create({
    name: 'Nordwerk',
    email: 'billing@nordwerk.example',
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
    ...extra,
  });
}

/** A draft of a customer with lines of these amounts. */
export async function draftOf(stripe: Stripe, customer: string, ...amounts: number[]): Promise<Stripe.Invoice> {
  const draft = await stripe.invoices.create({ customer, currency: 'eur' });
  if (amounts.length === 0) return draft;
  return stripe.invoices.addLines(draft.id, {
    lines: amounts.map((amount) => ({ amount, description: `line of ${amount}` })),
  });
}
