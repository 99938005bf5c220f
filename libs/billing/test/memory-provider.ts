import { DomainError, Money } from '@throughline/kernel';
import type { Logger, Outbox } from '@throughline/platform';
import type { Statement, StatementLine } from '@throughline/schema/billing';
import { MemoryClock, memoryDatabase } from '../../../test/support/in-memory.js';
import { ApplyStripeEvent } from '../src/application/apply-stripe-event.js';
import { FollowInvoice } from '../src/application/follow-invoice.js';
import { PostStatement } from '../src/application/post-statement.js';
import { ReceiveStripeEvent } from '../src/application/receive-stripe-event.js';
import type { InvoiceLine } from '../src/domain/invoice-lines.js';
import { mayMove, type StatementState } from '../src/domain/statement-states.js';
import type {
  DraftInvoice,
  PaymentProvider,
  ProviderEvent,
  ProviderInvoice,
  ProviderLine,
} from '../src/outbound/payment-provider.js';
import type { BillingAccountStore } from '../src/storage/billing-account.store.js';
import type { StatementStore } from '../src/storage/statement.store.js';
import type { StripeEventStore } from '../src/storage/stripe-event.store.js';

type Fails = 'no' | 'before' | 'after';
type Invoice = Omit<ProviderInvoice, 'subtotal'> & { currency: string; lines: ProviderLine[] };

/** Stripe as `PaymentProvider` promises it: calls are safe to repeat, and any may fail before or after it took effect. */
export class MemoryProvider implements PaymentProvider {
  readonly customers = new Set<string>();
  invoices: Invoice[] = [];
  readonly events: (ProviderEvent & { readonly at: number })[] = [];
  /** What becomes of the next calls; after these all go well. */
  fails: Fails[] = [];
  /** Something a person does at Stripe between two of our calls: after so many more of them. */
  meanwhile: { after: number; work: () => void } | undefined;
  private serial = 0;

  private async call<T>(work: () => T): Promise<T> {
    // Lets another run of ours come in between.
    await Promise.resolve();
    const fails = this.fails.shift() ?? 'no';
    const broken = () => new DomainError('PAYMENT_PROVIDER_FAILED', 'no answer');
    if (fails === 'before') throw broken();
    const made = work();
    if (this.meanwhile && this.meanwhile.after-- === 0) {
      this.meanwhile.work();
      this.meanwhile = undefined;
    }
    if (fails === 'after') throw broken();
    return made;
  }

  private shown({ lines, currency, ...invoice }: Invoice): ProviderInvoice {
    return { ...invoice, subtotal: lines.reduce((sum, line) => sum.plus(line.amount), Money.zero(currency)) };
  }

  private find(id: string): Invoice {
    const invoice = this.invoices.find((one) => one.id === id);
    if (!invoice) throw new DomainError('PAYMENT_PROVIDER_FAILED', `no invoice ${id}`);
    return invoice;
  }

  change(id: string, more: Partial<Invoice>): Invoice {
    const next = { ...this.find(id), ...more };
    this.invoices = this.invoices.map((one) => (one.id === id ? next : one));
    return next;
  }

  hasCustomer(ref: string): Promise<boolean> {
    return this.call(() => this.customers.has(ref));
  }

  ensureCustomer({ id }: { id: string }): Promise<string> {
    return this.call(() => {
      this.customers.add(`cus_${id}`);
      return `cus_${id}`;
    });
  }

  ensureDraftInvoice({ statementId, currency }: DraftInvoice): Promise<ProviderInvoice> {
    return this.call(() => {
      const known = this.invoices.find((one) => one.statementId === statementId && one.status !== 'void');
      if (known) return this.shown(known);
      const rest = { number: null, hostedUrl: null, finalisedAt: null, paidAt: null, lines: [], currency };
      const made: Invoice = { id: `in_${++this.serial}`, status: 'draft', statementId, ...rest };
      this.invoices.push(made);
      return this.shown(made);
    });
  }

  addLines(id: string, lines: readonly InvoiceLine[]): Promise<void> {
    return this.call(() => {
      const { lines: there, status } = this.find(id);
      if (status !== 'draft') throw new DomainError('PAYMENT_PROVIDER_FAILED', 'not a draft any more');
      // A key that was used before gives the answer it gave, and adds nothing.
      const fresh = lines.filter((line) => !there.some((one) => one.id === `il_${line.lineId}`));
      const made = fresh.map(({ lineId, amount }) => ({ id: `il_${lineId}`, lineId, amount }));
      this.change(id, { lines: [...there, ...made] });
    });
  }

  linesOf(id: string): Promise<ProviderLine[]> {
    return this.call(() => this.find(id).lines);
  }

  invoice(id: string): Promise<ProviderInvoice | undefined> {
    return this.call(() => {
      const found = this.invoices.find((one) => one.id === id);
      return found && this.shown(found);
    });
  }

  finalise(id: string): Promise<ProviderInvoice> {
    return this.call(() => {
      const invoice = this.find(id);
      return this.shown(invoice.status === 'draft' ? this.change(id, { status: 'open', number: `N-${id}` }) : invoice);
    });
  }

  /** A webhook's body is the event's id; its signature is good when it says so. */
  verifyEvent(rawBody: Buffer, signature: string): ProviderEvent {
    const event = this.events.find(({ id }) => id === rawBody.toString());
    if (signature !== 'good' || !event) throw new DomainError('UNAUTHENTICATED', 'not signed by Stripe');
    return event;
  }

  async *eventsSince(since: Date): AsyncIterable<ProviderEvent> {
    for (const { at, ...event } of [...this.events].reverse()) if (at >= since.getTime()) yield event;
  }

  /** Something becomes of an invoice at Stripe, which is news. */
  happens(at: number, type: string, invoiceId: string, more: Partial<Invoice>): ProviderEvent {
    this.change(invoiceId, more);
    const payload = { data: { object: { object: 'invoice', id: invoiceId } } };
    const event = { id: `evt_${this.events.length}`, type, payload, at };
    this.events.push(event);
    return event;
  }
}

/** One rated statement that is to be posted. */
export class MemoryPosting {
  readonly provider = new MemoryProvider();
  readonly moves: string[] = [];
  readonly warnings: string[] = [];
  readonly post: PostStatement;
  readonly follow: FollowInvoice;
  readonly clock = new MemoryClock(1_000);
  readonly receive: ReceiveStripeEvent;
  readonly apply: ApplyStripeEvent;
  /** Ids of events whose processing was asked for, in turn. */
  readonly queue: string[] = [];
  /** Event id → when it was received and, once it was, processed. */
  readonly received = new Map<string, { event: ProviderEvent; receivedAt: number; processedAt: number | null }>();
  statement: Statement;
  private account: string | undefined;

  constructor(
    amounts: readonly string[],
    readonly currency = 'EUR',
  ) {
    const total = amounts.reduce((sum, amount) => sum.plus(Money.of(amount, currency)), Money.zero(currency));
    const facts = { stripeInvoiceId: null, stripeInvoiceNumber: null, stripeTotal: null, hostedInvoiceUrl: null };
    this.statement = {
      ...facts,
      id: 's1',
      number: 'HF-1/2026-01',
      customerId: 'c1',
      currency,
      total: total.toString(),
      state: 'rated',
      finalisedAt: null,
      paidAt: null,
    } as unknown as Statement;
    const lines = amounts.map((amount, n) => ({
      id: `l${n}`,
      chargeKey: 'output',
      description: `line ${n}`,
      amount,
      periodFrom: new Date(0),
      periodTo: new Date(1),
    })) as unknown as StatementLine[];
    const outbox = {
      publish: (_: unknown, _event: unknown, { state }: { state: string }) =>
        Promise.resolve(void this.moves.push(state)),
    } as unknown as Outbox;
    const note = (_: unknown, text: string) => this.warnings.push(text);
    const logger = { warn: note, error: note } as unknown as Logger;
    const accounts = {
      find: () => Promise.resolve(this.account),
      keep: (_: unknown, _id: string, made: string, gone?: string) => {
        if (this.account === undefined || this.account === gone) this.account = made;
        return Promise.resolve(this.account);
      },
    } as unknown as BillingAccountStore;
    const directory = {
      customersByIds: () => Promise.resolve([{ id: 'c1', name: 'Bakery', billingEmail: 'pay@bakery.example' }]),
    } as unknown as ConstructorParameters<typeof PostStatement>[3];
    const store = this.store(lines);
    this.follow = new FollowInvoice(store, outbox);
    this.post = new PostStatement(
      memoryDatabase(),
      store,
      accounts,
      directory,
      this.follow,
      this.provider,
      this.clock,
      logger,
    );
    const events = this.eventStore();
    const queue = {
      enqueue: (_: unknown, _job: unknown, { eventId }: { eventId: string }) =>
        Promise.resolve(void this.queue.push(eventId)),
    } as unknown as Outbox;
    const database = memoryDatabase();
    this.receive = new ReceiveStripeEvent(database, events, this.provider, queue, this.clock);
    this.apply = new ApplyStripeEvent(database, events, store, this.follow, this.provider, this.clock);
  }

  private eventStore(): StripeEventStore {
    return {
      add: (_: unknown, events: readonly ProviderEvent[], at: Date) => {
        const added = events.filter((event) => !this.received.has(event.id));
        for (const event of added) this.received.set(event.id, { event, receivedAt: at.getTime(), processedAt: null });
        return Promise.resolve(added);
      },
      get: (_: unknown, id: string) => {
        const row = this.received.get(id);
        return Promise.resolve(
          row ? { ...row.event, processedAt: row.processedAt && new Date(row.processedAt) } : null,
        );
      },
      unprocessed: (_: unknown, types: readonly string[], { from, to }: { from: Date; to: Date }, limit: number) =>
        Promise.resolve(
          [...this.received.values()]
            .filter((r) => r.processedAt === null && types.includes(r.event.type))
            .filter((r) => r.receivedAt >= from.getTime() && r.receivedAt < to.getTime())
            .map((r) => r.event.id)
            .slice(0, limit),
        ),
      processed: (_: unknown, id: string, at: Date) => {
        const row = this.received.get(id);
        if (row) row.processedAt = at.getTime();
        return Promise.resolve();
      },
    } as unknown as StripeEventStore;
  }

  private store(lines: readonly StatementLine[]): StatementStore {
    const get = (_: unknown, id: string) => Promise.resolve(id === this.statement.id ? { ...this.statement } : null);
    return {
      get,
      lock: get,
      linesOf: () => Promise.resolve(lines),
      byInvoice: (_: unknown, invoiceId: string) =>
        Promise.resolve(this.statement.stripeInvoiceId === invoiceId ? { ...this.statement } : null),
      forgetInvoice: (_: unknown, _id: string, gone: string) => {
        if (this.statement.stripeInvoiceId === gone) this.statement = { ...this.statement, stripeInvoiceId: null };
        return Promise.resolve();
      },
      move: (_: unknown, before: Statement, to: StatementState, facts: Partial<Statement>) => {
        const moves = mayMove(before.state, to);
        if (moves || before.state === to)
          this.statement = { ...this.statement, ...facts, state: moves ? to : before.state };
        return Promise.resolve(moves);
      },
    } as unknown as StatementStore;
  }
}
