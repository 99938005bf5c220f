import { Inject, Injectable } from '@nestjs/common';
import { Clock, isId } from '@throughline/kernel';
import { Database, type EntityManager, everyCustomer } from '@throughline/platform';
import { stateOfInvoice } from '../domain/statement-states.js';
import {
  PAYMENT_FAILED,
  PAYMENT_PROVIDER,
  type PaymentProvider,
  type ProviderInvoice,
} from '../outbound/payment-provider.js';
import { StatementStore } from '../storage/statement.store.js';
import { StripeEventStore } from '../storage/stripe-event.store.js';
import { FollowInvoice } from './follow-invoice.js';

/**
 * Acts on a stored event. Events come twice and in any order, so the invoice is asked for anew and its state now is what
 * counts.
 */
@Injectable()
export class ApplyStripeEvent {
  constructor(
    private readonly database: Database,
    private readonly events: StripeEventStore,
    private readonly statements: StatementStore,
    private readonly followInvoice: FollowInvoice,
    @Inject(PAYMENT_PROVIDER) private readonly provider: PaymentProvider,
    private readonly clock: Clock,
  ) {}

  /** Throws PAYMENT_PROVIDER_FAILED: try again. */
  async run(eventId: string): Promise<void> {
    const event = await this.database.read(everyCustomer, (em) => this.events.get(em, eventId));
    if (!event || event.processedAt) return;
    const invoiceId = invoiceOf(event.payload);
    const invoice = invoiceId === undefined ? undefined : await this.provider.invoice(invoiceId);
    await this.database.transaction(everyCustomer, async (em) => {
      const statementId = invoice && (await this.statementOf(em, invoice));
      if (statementId)
        await this.followInvoice.follow(
          em,
          statementId,
          invoice,
          stateOfInvoice(invoice.status, event.type === PAYMENT_FAILED),
        );
      await this.events.processed(em, eventId, this.clock.now());
    });
  }

  /** News may come before we noted the invoice's id: then its mark tells. Invoices made by others have none. */
  private async statementOf(em: EntityManager, invoice: ProviderInvoice): Promise<string | undefined> {
    const noted = await this.statements.byInvoice(em, invoice.id);
    return noted?.id ?? (invoice.statementId && isId(invoice.statementId) ? invoice.statementId : undefined);
  }
}

/** The invoice an event is about; undefined for events about other things. */
function invoiceOf(payload: Record<string, unknown>): string | undefined {
  const object = (payload.data as { object?: { id?: unknown; object?: unknown } } | undefined)?.object;
  return object?.object === 'invoice' && typeof object.id === 'string' ? object.id : undefined;
}
