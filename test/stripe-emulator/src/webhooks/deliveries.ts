import { newId } from '../core/ids.js';
import type { DeliveryRow, EndpointRow, EventRow } from '../core/rows.js';
import type { World } from '../core/world.js';
import { signatureHeader } from './signature.js';

/** Milliseconds before each further try of a delivery that was not answered with 2xx; afterwards it has failed. */
const RETRY_AFTER_MS = [1000, 5000, 30_000, 120_000, 600_000, 3_600_000, 10_800_000, 21_600_000];
const AT_ONCE = 8;
const ANSWER_WITHIN_MS = 10_000;
/** Finished deliveries that are kept to be looked at. */
const KEPT = 5000;

export type Order = 'forward' | 'reverse' | 'shuffle';

export interface DeliveryOptions {
  retryAfterMs?: number[];
}

/** Carries events to webhook endpoints: signed, at least once, in no promised order. */
export class Deliveries {
  private timer: NodeJS.Timeout | null = null;
  private readonly flying = new Set<string>();
  private readonly aborter = new AbortController();
  private held = false;
  private order: Order = 'forward';
  private waiters: Array<() => void> = [];
  private readonly retryAfterMs: number[];

  constructor(
    private readonly world: World,
    options: DeliveryOptions = {},
  ) {
    this.retryAfterMs = options.retryAfterMs ?? RETRY_AFTER_MS;
    world.onEvent.push((event) => this.plan(event));
  }

  /** Starts what is due. */
  kick(): void {
    if (this.aborter.signal.aborted) return;
    if (this.timer) clearTimeout(this.timer);
    const pending = this.pending();
    if (!this.held) {
      const due = this.ordered(pending.filter((one) => one.nextAt <= Date.now() && !this.flying.has(one.id)));
      for (const delivery of due.slice(0, AT_ONCE - this.flying.size)) this.start(delivery);
      const next = Math.min(...pending.filter((one) => !this.flying.has(one.id)).map((one) => one.nextAt));
      if (Number.isFinite(next) && this.flying.size < AT_ONCE) {
        this.timer = setTimeout(() => this.kick(), Math.min(2 ** 30, Math.max(1, next - Date.now())));
      }
    }
    if (pending.length > 0 || this.flying.size > 0) return;
    this.order = 'forward';
    for (const done of this.waiters.splice(0)) done();
  }

  /** Keeps deliveries back until `release`. */
  hold(): void {
    this.held = true;
  }

  /** Lets go what was held, in the order asked for. */
  release(order: Order = 'forward'): void {
    this.held = false;
    this.order = order;
    this.kick();
  }

  /** Delivers an event once more to every endpoint that wants it, as Stripe now and then does. */
  again(event: string): void {
    const row = this.world.need('events', 'event', event);
    for (const endpoint of this.endpoints(row)) this.add(row, endpoint);
    this.kick();
  }

  /** Tries at once whatever waits for its next try. */
  retryNow(): void {
    for (const one of this.pending())
      if (!this.flying.has(one.id)) this.world.store.put('deliveries', { ...one, nextAt: Date.now() });
    this.kick();
  }

  /** Resolves when every delivery has succeeded or has failed for good. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.waiters.push(resolve);
      this.kick();
    });
  }

  list(): DeliveryRow[] {
    return this.world.store.all('deliveries');
  }

  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.aborter.abort();
  }

  private pending(): DeliveryRow[] {
    return this.world.store.all('deliveries').filter((one) => one.state === 'pending');
  }

  private endpoints(event: EventRow): EndpointRow[] {
    return this.world.store
      .all('endpoints')
      .filter(
        (one) =>
          one.status === 'enabled' && (one.enabled_events.includes('*') || one.enabled_events.includes(event.type)),
      );
  }

  private plan(event: EventRow): void {
    const endpoints = this.endpoints(event);
    for (const endpoint of endpoints) this.add(event, endpoint);
    if (endpoints.length > 0) this.world.store.put('events', { ...event, pending_webhooks: endpoints.length });
    else this.heard(event);
  }

  private add(event: EventRow, endpoint: EndpointRow): void {
    const row: DeliveryRow = {
      id: newId('del'),
      event: event.id,
      endpoint: endpoint.id,
      state: 'pending',
      attempts: 0,
      nextAt: Date.now(),
      answers: [],
    };
    this.world.store.put('deliveries', row);
  }

  private ordered(rows: DeliveryRow[]): DeliveryRow[] {
    if (this.order === 'reverse') return rows.reverse();
    if (this.order === 'forward') return rows;
    return rows
      .map((row) => ({ row, at: Math.random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ row }) => row);
  }

  private start(delivery: DeliveryRow): void {
    this.flying.add(delivery.id);
    this.attempt(delivery)
      .then((status) => this.finish(delivery, status))
      .catch((error: unknown) => console.error('stripe-emulator: delivery', error))
      .finally(() => {
        this.flying.delete(delivery.id);
        this.kick();
      });
  }

  /** Sends it once; the answer's status, 0 where none came. */
  private async attempt(delivery: DeliveryRow): Promise<number> {
    const event = this.world.store.get('events', delivery.event);
    const endpoint = this.world.store.get('endpoints', delivery.endpoint);
    if (!event || !endpoint || endpoint.status !== 'enabled') return -1;
    const body = JSON.stringify(event, null, 2);
    // Receivers compare the time of the signature with the real clock, whatever time is emulated.
    const seconds = Math.floor(Date.now() / 1000);
    try {
      const answer = await fetch(endpoint.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
          accept: '*/*; q=0.5, application/xml',
          'cache-control': 'no-cache',
          'stripe-signature': signatureHeader(body, endpoint._secret, seconds),
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([this.aborter.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      });
      await answer.body?.cancel();
      return answer.status;
    } catch {
      // A refused, broken or late connection counts as no answer and is tried again.
      return 0;
    }
  }

  private async finish(delivery: DeliveryRow, status: number): Promise<void> {
    if (this.aborter.signal.aborted) return;
    const attempts = delivery.attempts + 1;
    const answers = [...delivery.answers, status];
    const wait = this.retryAfterMs[attempts - 1];
    if (status >= 200 && status < 300) {
      this.world.store.put('deliveries', { ...delivery, attempts, answers, state: 'succeeded' });
      this.delivered(delivery);
    } else if (status === -1 || wait === undefined) {
      this.world.store.put('deliveries', { ...delivery, attempts, answers, state: 'failed' });
    } else {
      this.world.store.put('deliveries', { ...delivery, attempts, answers, nextAt: Date.now() + wait });
    }
    this.forgetOld();
    await this.world.store.saved();
  }

  private delivered(delivery: DeliveryRow): void {
    const event = this.world.store.get('events', delivery.event);
    if (!event) return;
    const others = this.list().filter((one) => one.event === event.id && one.state !== 'succeeded').length;
    const heard = this.world.store.put('events', {
      ...event,
      pending_webhooks: Math.min(others, event.pending_webhooks),
    });
    if (heard.pending_webhooks === 0) this.heard(heard);
  }

  /** `invoice.created` was answered by all who asked for it: the draft may be finalised after its hour. */
  private heard(event: EventRow): void {
    if (event.type !== 'invoice.created') return;
    const { id } = event.data.object as { id: string };
    const invoice = this.world.store.get('invoices', id);
    if (invoice)
      this.world.store.put('invoices', { ...invoice, webhooks_delivered_at: this.world.now(invoice.test_clock) });
  }

  private forgetOld(): void {
    if (this.world.store.count('deliveries') <= KEPT) return;
    for (const row of this.world.store.oldest('deliveries')) {
      if (row.state !== 'pending') this.world.store.delete('deliveries', row.id);
      if (this.world.store.count('deliveries') <= KEPT) return;
    }
  }
}
