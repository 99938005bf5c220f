import { Inject, Injectable } from '@nestjs/common';
import { Directory, systemScope } from '@throughline/identity';
import { Clock, DomainError, Money, notFound } from '@throughline/kernel';
import { Database, everyCustomer, Logger } from '@throughline/platform';
import type { Statement } from '@throughline/schema/billing';
import { type InvoiceLine, invoiceLines } from '../domain/invoice-lines.js';
import { isUnposted, type StatementState, stateOfInvoice } from '../domain/statement-states.js';
import { PAYMENT_PROVIDER, type PaymentProvider, type ProviderInvoice } from '../outbound/payment-provider.js';
import { BillingAccountStore } from '../storage/billing-account.store.js';
import { StatementStore } from '../storage/statement.store.js';
import { FollowInvoice } from './follow-invoice.js';

/**
 * Brings a statement to Stripe: customer, draft invoice, lines, comparison of the totals, finalising. Each step may have been
 * done before by a run that was cut short or is still under way: what is there is looked for, and what is missing is added.
 */
@Injectable()
export class PostStatement {
  constructor(
    private readonly database: Database,
    private readonly statements: StatementStore,
    private readonly accounts: BillingAccountStore,
    private readonly directory: Directory,
    private readonly followInvoice: FollowInvoice,
    @Inject(PAYMENT_PROVIDER) private readonly provider: PaymentProvider,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Throws PAYMENT_PROVIDER_FAILED (try again) and TOTALS_DIFFER (someone must look; nothing was finalised). */
  async run(statementId: string): Promise<void> {
    const { statement, lines } = await this.load(statementId);
    if (!isUnposted(statement.state)) return;
    if (lines.length === 0) return this.settleNothing(statementId);

    const draft = await this.draftOf(statement);
    if (!draft) return this.draftIsGone(statement);
    if (draft.status === 'draft') {
      await this.follow(statementId, 'drafted', draft);
      await this.addMissing(draft.id, lines);
    }
    const invoice = await this.provider.invoice(draft.id);
    if (!invoice) return this.draftIsGone(statement);
    await this.mustAgree(statement, lines, invoice);
    const final = invoice.status === 'draft' ? await this.provider.finalise(invoice.id, statementId) : invoice;
    // Somebody may have changed the draft after it was compared: then it went out as another one.
    if (final !== invoice) await this.mustAgree(statement, lines, final);
    await this.follow(statementId, stateOfInvoice(final.status, false), final);
  }

  private async load(id: string): Promise<{ statement: Statement; lines: InvoiceLine[] }> {
    return this.database.read(everyCustomer, async (em) => {
      const statement = await this.statements.get(em, id);
      if (!statement) throw notFound('statement', id);
      const rows = await this.statements.linesOf(em, [id]);
      const lines = rows.map((row) => ({
        id: row.id,
        chargeKey: row.chargeKey,
        description: row.description,
        amount: Money.of(row.amount, statement.currency),
        period: { from: row.periodFrom.getTime(), to: row.periodTo.getTime() },
      }));
      return { statement, lines: invoiceLines(lines) };
    });
  }

  /** No asset was under contract: there is nothing to invoice and nothing to pay. */
  private async settleNothing(id: string): Promise<void> {
    const now = this.clock.now();
    await this.database.transaction(everyCustomer, async (em) => {
      const statement = await this.statements.lock(em, id);
      if (statement) await this.statements.move(em, statement, 'paid', { finalisedAt: now, paidAt: now });
    });
  }

  /** Undefined when the draft was deleted at Stripe. Where that is known already, asking again is a person's wish for a new one. */
  private async draftOf(statement: Statement): Promise<ProviderInvoice | undefined> {
    const { id: statementId, state, currency } = statement;
    const noted = statement.stripeInvoiceId ?? undefined;
    const known = noted === undefined ? undefined : await this.provider.invoice(noted);
    if (known || (noted !== undefined && state !== 'totals_differ')) return known;
    const draft = await this.provider.ensureDraftInvoice({
      statementId,
      customerRef: await this.customerRef(statement.customerId),
      currency,
      description: `Statement ${statement.number}`,
    });
    if (noted !== undefined)
      await this.database.transaction(everyCustomer, (em) => this.statements.forgetInvoice(em, statementId, noted));
    return draft;
  }

  private async draftIsGone({ id, number, stripeInvoiceId }: Statement): Promise<void> {
    await this.database.transaction(everyCustomer, (em) => this.followInvoice.gone(em, id));
    this.logger.error(
      { statementId: id, invoiceId: stripeInvoiceId },
      `the draft invoice of statement ${number} was deleted at Stripe: close its month again to make a new one`,
    );
  }

  /** Of two runs at once the first to write decides which of Stripe's customers is ours. One that was deleted there is made anew. */
  private async customerRef(customerId: string): Promise<string> {
    const known = await this.database.read(everyCustomer, (em) => this.accounts.find(em, customerId));
    if (known && (await this.provider.hasCustomer(known))) return known;
    const [customer] = await this.directory.customersByIds(systemScope, [customerId]);
    if (!customer) throw notFound('customer', customerId);
    const made = await this.provider.ensureCustomer({
      id: customerId,
      name: customer.name,
      email: customer.billingEmail ?? null,
    });
    if (known) this.logger.warn({ customerId, was: known, is: made }, 'a customer deleted at Stripe was made anew');
    return this.database.transaction(everyCustomer, (em) => this.accounts.keep(em, customerId, made, known));
  }

  private async addMissing(invoiceId: string, lines: readonly InvoiceLine[]): Promise<void> {
    const there = new Set((await this.provider.linesOf(invoiceId)).map((line) => line.lineId));
    await this.provider.addLines(
      invoiceId,
      lines.filter((line) => !there.has(line.lineId)),
    );
  }

  /** Total, currency and every single line must be ours before the invoice leaves the house. */
  private async mustAgree(
    statement: Statement,
    lines: readonly InvoiceLine[],
    invoice: ProviderInvoice,
  ): Promise<void> {
    const ours = Money.of(statement.total, statement.currency);
    const theirLines = await this.provider.linesOf(invoice.id);
    if (invoice.subtotal.equals(ours) && listed(lines) === listed(theirLines)) return;
    await this.follow(statement.id, 'totals_differ', invoice);
    const difference = {
      ours: `${ours} ${statement.currency} in ${lines.length} lines`,
      theirs: `${invoice.subtotal} ${invoice.subtotal.currency} in ${theirLines.length} lines`,
    };
    this.logger.error({ statementId: statement.id, invoiceId: invoice.id, ...difference }, 'totals differ');
    throw new DomainError(
      'TOTALS_DIFFER',
      `statement ${statement.number} is ${difference.ours} and its invoice ${difference.theirs}: it stays as it is`,
    );
  }

  private follow(id: string, to: StatementState, invoice: ProviderInvoice): Promise<void> {
    return this.database.transaction(everyCustomer, (em) => this.followInvoice.follow(em, id, invoice, to));
  }
}

const listed = (lines: readonly { readonly lineId: string | null; readonly amount: Money }[]): string =>
  lines
    .map(({ lineId, amount }) => `${lineId} ${amount}`)
    .sort()
    .join();
