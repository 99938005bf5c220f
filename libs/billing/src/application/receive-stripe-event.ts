import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer, Outbox } from '@throughline/platform';
import {
  followedEvents,
  PAYMENT_PROVIDER,
  type PaymentProvider,
  type ProviderEvent,
} from '../outbound/payment-provider.js';
import { StripeEventStore } from '../storage/stripe-event.store.js';
import { processStripeEventJob } from './events.js';

/** Missed events are looked for this far back: as long as Stripe itself repeats a webhook. */
const LOOK_BACK_MS = 3 * 24 * 3_600_000;

/** Longer than the tries of a job take together: what is not processed by then was given up. */
const GIVEN_UP_MS = 3_600_000;
/** Taken up again at once; more wait for the next look. */
const MOST_GIVEN_UP = 200;

/** Takes Stripe's events in, once each: stored and queued in one transaction before anything is answered. */
@Injectable()
export class ReceiveStripeEvent {
  constructor(
    private readonly database: Database,
    private readonly events: StripeEventStore,
    @Inject(PAYMENT_PROVIDER) private readonly provider: PaymentProvider,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** A webhook's delivery. Throws UNAUTHENTICATED when the signature does not fit. */
  async fromWebhook(rawBody: Buffer, signature: string): Promise<void> {
    await this.take([this.provider.verifyEvent(rawBody, signature, this.clock.now())]);
  }

  /** Events that no webhook brought; gives how many were new. What was given up while Stripe could not be asked is tried again. */
  async fillGaps(): Promise<number> {
    const now = this.clock.now().getTime();
    const since = new Date(now - LOOK_BACK_MS);
    await this.takeUpAgain(since, new Date(now - GIVEN_UP_MS));
    const listed: ProviderEvent[] = [];
    for await (const event of this.provider.eventsSince(since)) listed.push(event);
    // As they happened; the list is newest first.
    return this.take(listed.reverse());
  }

  private async takeUpAgain(from: Date, to: Date): Promise<void> {
    await this.database.transaction(everyCustomer, async (em) => {
      for (const eventId of await this.events.unprocessed(em, followedEvents, { from, to }, MOST_GIVEN_UP))
        await this.outbox.enqueue(em, processStripeEventJob, { eventId });
    });
  }

  private async take(events: readonly ProviderEvent[]): Promise<number> {
    return this.database.transaction(everyCustomer, async (em) => {
      const added = await this.events.add(em, events, this.clock.now());
      for (const { id, type } of added)
        if (followedEvents.includes(type)) await this.outbox.enqueue(em, processStripeEventJob, { eventId: id });
      return added.length;
    });
  }
}
