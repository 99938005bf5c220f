import { type BillingWorld, billingWorld } from '../../test/billing-world.js';
import { ApplyStripeEvent } from './apply-stripe-event.js';
import { ReceiveStripeEvent } from './receive-stripe-event.js';

const NOW = Date.parse('2026-03-10T08:00:00Z');
const HOUR = 3_600_000;

let world: BillingWorld;
let receive: ReceiveStripeEvent;

beforeAll(async () => {
  world = await billingWorld(new Date(NOW).toISOString());
  receive = world.context.module.get(ReceiveStripeEvent);
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.machines.rows('delete from stripe_event');
  await world.machines.rows('delete from outbox');
});

/** An event as a webhook stored it so many hours ago. */
const stored = (id: string, hoursAgo: number, type = 'invoice.paid', processed = false) =>
  world.machines.rows(
    'insert into stripe_event (id, type, payload, received_at, processed_at) values (?, ?, ?::jsonb, ?, ?)',
    [
      id,
      type,
      JSON.stringify({ id, object: 'event', type, data: { object: { id: 'ch_1', object: 'charge' } } }),
      new Date(NOW - hoursAgo * HOUR).toISOString(),
      processed ? new Date(NOW).toISOString() : null,
    ],
  );
const queued = async (): Promise<unknown[]> =>
  (
    await world.machines.rows<{ payload: { eventId: string } }>(
      "select payload from outbox where name = 'billing.process-stripe-event' order by id",
    )
  ).map((row) => row.payload.eventId);

describe('events that are stored but were never acted on', () => {
  it('are taken up again after an hour, oldest first, while Stripe itself would still repeat them', async () => {
    await stored('evt_new', 0.9);
    await stored('evt_two', 2);
    await stored('evt_old', 71);
    await stored('evt_ancient', 73);
    expect(await receive.fillGaps()).toBe(0);
    expect(await queued()).toEqual(['evt_old', 'evt_two']);
  });

  it('are left alone when they are done or change nothing', async () => {
    await stored('evt_done', 2, 'invoice.paid', true);
    await stored('evt_other', 2, 'charge.refunded');
    await receive.fillGaps();
    expect(await queued()).toEqual([]);
  });

  it('are no longer taken up once they were', async () => {
    await stored('evt_two', 2);
    await receive.fillGaps();
    await world.context.module.get(ApplyStripeEvent).run('evt_two');
    await world.machines.rows('delete from outbox');
    await receive.fillGaps();
    expect(await queued()).toEqual([]);
  });
});
