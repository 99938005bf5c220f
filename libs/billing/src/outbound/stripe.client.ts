import { DomainError, invalid } from '@throughline/kernel';
import type { Config } from '@throughline/platform';
import Stripe from 'stripe';
import { z } from 'zod';
import type { InvoiceLine } from '../domain/invoice-lines.js';
import type { InvoiceStatus } from '../domain/statement-states.js';
import {
  type DraftInvoice,
  followedEvents,
  type PaymentProvider,
  type ProviderEvent,
  type ProviderInvoice,
  type ProviderLine,
} from './payment-provider.js';
import { repeatable } from './repeatable.js';
import { fromStripe, toStripe } from './stripe-amount.js';

const TIMEOUT_MS = 20_000;
const READ_RETRIES = 2;
const PAGE = 100;
/** Stripe takes so many lines a call. */
const LINES_A_CALL = 100;
/** Age at which a webhook's signature is refused, seconds. */
const SIGNATURE_TOLERANCE_S = 300;
/** For customers without a payment method on file. */
const DAYS_UNTIL_DUE = 30;

/** Stripe, or its emulator when an API base is set: the same code. */
export class StripeClient implements PaymentProvider {
  private client: Stripe | undefined;

  constructor(
    private readonly settings: Config['stripe'],
    private readonly timeoutMs = TIMEOUT_MS,
  ) {}

  async hasCustomer(customerRef: string): Promise<boolean> {
    return this.call(async () => !(await this.stripe.customers.retrieve(customerRef)).deleted);
  }

  async ensureCustomer(customer: { id: string; name: string; email: string | null }): Promise<string> {
    const params = {
      name: customer.name,
      ...(customer.email && { email: customer.email }),
      metadata: { throughline_customer: customer.id },
    };
    // A second customer after a lost answer has no invoices and does no harm, so it is not looked for.
    const made = await this.call(() =>
      repeatable(
        `customer-${customer.id}`,
        (options) => this.stripe.customers.create(params, options),
        undefined,
        (again) => this.hasCustomer(again.id),
      ),
    );
    return made.id;
  }

  async ensureDraftInvoice(draft: DraftInvoice): Promise<ProviderInvoice> {
    return this.call(async () => {
      // Idempotency keys live for a day; an invoice made before that is found by our id on it.
      const found = await this.invoiceOf(draft);
      if (found) return toInvoice(found);
      const params = {
        customer: draft.customerRef,
        currency: draft.currency.toLowerCase(),
        description: draft.description,
        // Nothing is finalised before the totals were compared.
        auto_advance: false,
        ...(await this.collection(draft.customerRef)),
        pending_invoice_items_behavior: 'exclude',
        metadata: { throughline_statement: draft.statementId },
      } satisfies Stripe.InvoiceCreateParams;
      return toInvoice(
        await repeatable(
          `invoice-create-${draft.statementId}`,
          (options) => this.stripe.invoices.create(params, options),
          () => this.invoiceOf(draft),
          async ({ id }) => id !== undefined && (await this.invoice(id)) !== undefined,
        ),
      );
    });
  }

  async addLines(invoiceId: string, lines: readonly InvoiceLine[]): Promise<void> {
    await this.call(async () => {
      for (let i = 0; i < lines.length; i += LINES_A_CALL)
        await this.addPart(invoiceId, lines.slice(i, i + LINES_A_CALL));
    });
  }

  async linesOf(invoiceId: string): Promise<ProviderLine[]> {
    return this.call(async () => {
      const lines: ProviderLine[] = [];
      for await (const line of this.stripe.invoices.listLineItems(invoiceId, { limit: PAGE }))
        lines.push({
          id: line.id,
          amount: fromStripe(line.amount, line.currency),
          lineId: line.metadata?.throughline_line ?? null,
        });
      return lines;
    });
  }

  async invoice(invoiceId: string): Promise<ProviderInvoice | undefined> {
    return this.call(async () => {
      try {
        return toInvoice(await this.stripe.invoices.retrieve(invoiceId));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  async finalise(invoiceId: string, statementId: string): Promise<ProviderInvoice> {
    const finalised = async (): Promise<Stripe.Invoice | undefined> => {
      const invoice = await this.stripe.invoices.retrieve(invoiceId);
      return invoice.status === 'draft' ? undefined : invoice;
    };
    return this.call(async () =>
      toInvoice(
        await repeatable(
          `invoice-finalise-${statementId}`,
          (options) => this.stripe.invoices.finalizeInvoice(invoiceId, { auto_advance: true }, options),
          finalised,
        ),
      ),
    );
  }

  verifyEvent(rawBody: Buffer, signature: string, now: Date): ProviderEvent {
    const { webhookSecret } = this.configured();
    const { signature: signatures } = this.stripe.webhooks;
    if (!signatures) throw new DomainError('INTERNAL', 'the stripe package checks no signatures here');
    try {
      signatures.verifyHeader(rawBody, signature, webhookSecret, SIGNATURE_TOLERANCE_S, undefined, now.getTime());
    } catch (cause) {
      if (!(cause instanceof Stripe.errors.StripeSignatureVerificationError)) throw cause;
      throw new DomainError('UNAUTHENTICATED', 'stripe-signature: does not fit the body, or is too old', [], { cause });
    }
    return signedEvent(rawBody.toString('utf8'));
  }

  async *eventsSince(since: Date): AsyncIterable<ProviderEvent> {
    const asked = { created: { gte: seconds(since) }, types: [...followedEvents], limit: PAGE };
    for (let after: string | undefined; ; ) {
      const page = await this.call(() =>
        this.stripe.events.list({ ...asked, ...(after && { starting_after: after }) }),
      );
      yield* page.data.map(toEvent);
      after = page.data.at(-1)?.id;
      if (!page.has_more || !after) return;
    }
  }

  private async invoiceOf({ customerRef, statementId }: DraftInvoice): Promise<Stripe.Invoice | undefined> {
    for await (const invoice of this.stripe.invoices.list({ customer: customerRef, limit: PAGE }))
      if (invoice.metadata?.throughline_statement === statementId) return invoice;
    return undefined;
  }

  /** Charged to the payment method on file; without one the customer gets the invoice and pays it. */
  private async collection(
    customerRef: string,
  ): Promise<Pick<Stripe.InvoiceCreateParams, 'collection_method' | 'days_until_due'>> {
    const customer = await this.stripe.customers.retrieve(customerRef);
    const onFile = !customer.deleted && (customer.invoice_settings.default_payment_method ?? customer.default_source);
    return onFile
      ? { collection_method: 'charge_automatically' }
      : { collection_method: 'send_invoice', days_until_due: DAYS_UNTIL_DUE };
  }

  private async addPart(invoiceId: string, part: readonly InvoiceLine[]): Promise<void> {
    const [first] = part;
    if (!first) return;
    const lines = part.map((line) => ({
      amount: toStripe(line.amount),
      description: line.description,
      period: { start: seconds(new Date(line.period.from)), end: seconds(new Date(line.period.to)) },
      metadata: { throughline_line: line.lineId },
    }));
    await repeatable<unknown>(
      `invoice-lines-${first.lineId}-${part.length}`,
      (options) => this.stripe.invoices.addLines(invoiceId, { lines }, options),
      async () => {
        // The lines of a call are added all or none.
        const there = await this.linesOf(invoiceId);
        return there.find((line) => line.lineId === first.lineId);
      },
    );
  }

  private configured(): NonNullable<Config['stripe']> {
    if (!this.settings)
      throw new DomainError('UNAVAILABLE', 'STRIPE_SECRET_KEY: must be set before anything can be invoiced');
    return this.settings;
  }

  private get stripe(): Stripe {
    const { secretKey, apiBase } = this.configured();
    this.client ??= new Stripe(secretKey, {
      maxNetworkRetries: READ_RETRIES,
      timeout: this.timeoutMs,
      telemetry: false,
      appInfo: { name: 'Throughline' },
      ...(apiBase && addressOf(new URL(apiBase))),
    });
    return this.client;
  }

  private async call<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (!(cause instanceof Stripe.errors.StripeError)) throw cause;
      throw new DomainError(
        'PAYMENT_PROVIDER_FAILED',
        `Stripe refused or failed: ${cause.message} (${cause.type}, request ${cause.requestId ?? 'unknown'})`,
        [],
        { cause },
      );
    }
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeInvalidRequestError &&
  error.statusCode === 404 &&
  error.code === 'resource_missing';

function addressOf(base: URL): { host: string; port: number; protocol: 'http' | 'https' } {
  const protocol = base.protocol === 'https:' ? 'https' : 'http';
  return { host: base.hostname, port: base.port ? Number(base.port) : protocol === 'https' ? 443 : 80, protocol };
}

const seconds = (instant: Date): number => Math.floor(instant.getTime() / 1000);

const instant = (epochSeconds: number | null | undefined): Date | null =>
  epochSeconds ? new Date(epochSeconds * 1000) : null;

function toInvoice(invoice: Stripe.Invoice): ProviderInvoice {
  return {
    id: invoice.id ?? '',
    status: statusOf(invoice),
    number: invoice.number,
    subtotal: fromStripe(invoice.subtotal, invoice.currency),
    hostedUrl: invoice.hosted_invoice_url ?? null,
    finalisedAt: instant(invoice.status_transitions.finalized_at),
    paidAt: instant(invoice.status_transitions.paid_at),
    statementId: invoice.metadata?.throughline_statement ?? null,
  };
}

const knownStatus: readonly string[] = ['draft', 'open', 'paid', 'uncollectible', 'void'] satisfies InvoiceStatus[];

function statusOf({ id, status }: Stripe.Invoice): InvoiceStatus {
  if (status !== null && knownStatus.includes(status)) return status as InvoiceStatus;
  throw new DomainError('PAYMENT_PROVIDER_FAILED', `Stripe's invoice ${id} is in a state we do not know: ${status}`);
}

/** The sender is known, but the secret may be another endpoint's: what is no event of ours is INVALID_INPUT. */
function signedEvent(body: string): ProviderEvent {
  const event = eventShape.safeParse(parsed(body));
  if (!event.success) throw invalid({ field: 'body', value: body, rule: "must be one of Stripe's events" });
  return { id: event.data.id, type: event.data.type, payload: event.data };
}

const eventShape = z.looseObject({
  id: z.string().min(1).max(255),
  object: z.literal('event'),
  type: z.string().min(1).max(120),
});

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    return undefined;
  }
}

const toEvent = (event: Stripe.Event): ProviderEvent => ({
  id: event.id,
  type: event.type,
  payload: event as unknown as Record<string, unknown>,
});
