import type { Money } from '@throughline/kernel';
import type { InvoiceLine } from '../domain/invoice-lines.js';
import type { InvoiceStatus } from '../domain/statement-states.js';

export const PAYMENT_PROVIDER = Symbol('PAYMENT_PROVIDER');

/** An invoice as we need to know it. */
export interface ProviderInvoice {
  readonly id: string;
  readonly status: InvoiceStatus;
  readonly number: string | null;
  /** Sum of the lines before tax. */
  readonly subtotal: Money;
  readonly hostedUrl: string | null;
  readonly finalisedAt: Date | null;
  readonly paidAt: Date | null;
  /** Our statement's id. */
  readonly statementId: string | null;
}

export interface ProviderLine {
  readonly id: string;
  readonly amount: Money;
  /** Our line's id; null for a line that somebody added by hand. */
  readonly lineId: string | null;
}

export interface DraftInvoice {
  readonly statementId: string;
  readonly customerRef: string;
  readonly currency: string;
  readonly description: string;
}

export interface ProviderEvent {
  readonly id: string;
  readonly type: string;
  readonly payload: Record<string, unknown>;
}

/** News of a refused payment. */
export const PAYMENT_FAILED = 'invoice.payment_failed';

/** Events that change what we know of an invoice. */
export const followedEvents: readonly string[] = [
  'invoice.finalized',
  'invoice.paid',
  PAYMENT_FAILED,
  'invoice.voided',
  'invoice.marked_uncollectible',
];

/**
 * The payment provider. Every writing call is safe to repeat: its idempotency key is made from our ids, and what a lost
 * answer may have left behind is looked for first. Failures come as DomainError PAYMENT_PROVIDER_FAILED.
 */
export interface PaymentProvider {
  /** False for one that was deleted at the provider; a customer that it never had is a failure. */
  hasCustomer(customerRef: string): Promise<boolean>;
  ensureCustomer(customer: { id: string; name: string; email: string | null }): Promise<string>;
  ensureDraftInvoice(draft: DraftInvoice): Promise<ProviderInvoice>;
  /** Lines must always be given in the same order: keys are made of where a part of them begins. */
  addLines(invoiceId: string, lines: readonly InvoiceLine[]): Promise<void>;
  linesOf(invoiceId: string): Promise<ProviderLine[]>;
  /** Undefined for an invoice that is not there: drafts may be deleted. */
  invoice(invoiceId: string): Promise<ProviderInvoice | undefined>;
  finalise(invoiceId: string, statementId: string): Promise<ProviderInvoice>;
  /** Throws UNAUTHENTICATED when the signature does not fit the raw body or is too old. */
  verifyEvent(rawBody: Buffer, signature: string, now: Date): ProviderEvent;
  /** Followed events since an instant, newest first, for those that no webhook brought. */
  eventsSince(since: Date): AsyncIterable<ProviderEvent>;
}
