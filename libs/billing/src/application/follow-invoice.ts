import { Injectable } from '@nestjs/common';
import { Money } from '@throughline/kernel';
import { type EntityManager, Outbox } from '@throughline/platform';
import type { StatementState } from '../domain/statement-states.js';
import type { ProviderInvoice } from '../outbound/payment-provider.js';
import { StatementStore } from '../storage/statement.store.js';
import { statementMoved } from './events.js';

/** Brings a statement to what its invoice at Stripe has become. */
@Injectable()
export class FollowInvoice {
  constructor(
    private readonly statements: StatementStore,
    private readonly outbox: Outbox,
  ) {}

  /**
   * Within the caller's transaction, the statement locked. What the table of states does not allow changes nothing, nor does
   * an invoice that is not the statement's own (somebody copied it at Stripe, with our mark on it). An invoice that went out
   * with another total than the statement's is one that differs, whoever finalised it.
   */
  async follow(em: EntityManager, statementId: string, invoice: ProviderInvoice, to: StatementState): Promise<void> {
    const statement = await this.statements.lock(em, statementId);
    if (!statement || (statement.stripeInvoiceId !== null && statement.stripeInvoiceId !== invoice.id)) return;
    const total = Money.of(statement.total, statement.currency);
    const state = to === 'finalised' && !invoice.subtotal.equals(total) ? 'totals_differ' : to;
    const moved = await this.statements.move(em, statement, state, {
      stripeInvoiceId: invoice.id,
      stripeInvoiceNumber: invoice.number,
      stripeTotal: invoice.subtotal.toString(),
      hostedInvoiceUrl: invoice.hostedUrl,
      finalisedAt: invoice.finalisedAt,
      paidAt: invoice.paidAt,
    });
    if (moved) await this.outbox.publish(em, statementMoved, { statementId, customerId: statement.customerId, state });
  }

  /** The statement's draft was deleted at Stripe: a person must say what is to become of it. */
  async gone(em: EntityManager, statementId: string): Promise<void> {
    const statement = await this.statements.lock(em, statementId);
    if (!statement || !(await this.statements.move(em, statement, 'totals_differ', { stripeTotal: null }))) return;
    const { customerId } = statement;
    await this.outbox.publish(em, statementMoved, { statementId, customerId, state: 'totals_differ' });
  }
}
