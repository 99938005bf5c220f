import type Stripe from 'stripe';
import { closeAll, emulated, failing } from './support.js';

afterEach(closeAll);

const HOUR = 3600;
const DAY = 24 * HOUR;
/** A whole hour, so that windows are easy to name. */
const NOW = 1_763_287_200;

async function metered(formula: 'sum' | 'count' | 'last' = 'sum') {
  const { emulator, stripe } = await emulated({ clock: { now: () => new Date(NOW * 1000) } });
  const customer = await stripe.customers.create({ name: 'A' });
  const meter = await stripe.billing.meters.create({
    display_name: 'Air',
    event_name: 'air',
    default_aggregation: { formula },
  });
  const send = (value: string, more: Partial<Stripe.Billing.MeterEventCreateParams> = {}) =>
    stripe.billing.meterEvents.create({
      event_name: 'air',
      payload: { stripe_customer_id: customer.id, value },
      ...more,
    });
  const total = async (start: number, end: number) =>
    (
      await stripe.billing.meters.listEventSummaries(meter.id, {
        customer: customer.id,
        start_time: start,
        end_time: end,
      })
    ).data[0]?.aggregated_value;
  return { emulator, stripe, customer, meter, send, total };
}

describe('meter events', () => {
  it.each([
    ['sum', 42.5],
    ['count', 3],
    ['last', 30],
  ] as const)('add up by %s in [start, end)', async (formula, expected) => {
    const { send, total } = await metered(formula);
    await send('10', { timestamp: NOW - 2 * HOUR });
    await send('30', { timestamp: NOW - HOUR });
    await send('2.5', { timestamp: NOW - HOUR - 60 });
    await send('1000', { timestamp: NOW });
    expect(await total(NOW - 2 * HOUR, NOW)).toBe(expected);
  });

  it('come in hours or days, newest first, in pages', async () => {
    const { stripe, customer, meter, send } = await metered();
    await send('5', { timestamp: NOW - 90 });
    await send('7', { timestamp: NOW - 3 * HOUR });
    const hours: number[][] = [];
    const asked = {
      customer: customer.id,
      start_time: NOW - 4 * HOUR,
      end_time: NOW,
      value_grouping_window: 'hour' as const,
      limit: 2,
    };
    for await (const one of stripe.billing.meters.listEventSummaries(meter.id, asked))
      hours.push([one.start_time, one.aggregated_value]);
    expect(hours).toEqual([
      [NOW - HOUR, 5],
      [NOW - 2 * HOUR, 0],
      [NOW - 3 * HOUR, 7],
      [NOW - 4 * HOUR, 0],
    ]);
    expect(
      await failing(stripe.billing.meters.listEventSummaries(meter.id, { ...asked, start_time: NOW - 4 * HOUR + 60 })),
    ).toMatchObject({ param: 'start_time' });
  });

  it('have an identifier that is unique for 24 hours, whatever the idempotency key', async () => {
    const { emulator, send, total } = await metered();
    expect((await send('1', { identifier: 'w-1' })).identifier).toBe('w-1');
    expect(await failing(send('1', { identifier: 'w-1' }))).toMatchObject({
      statusCode: 400,
      message: 'An event already exists with identifier w-1.',
    });
    await emulator.advance(DAY + 1);
    await send('2', { identifier: 'w-1' });
    expect(await total(NOW - HOUR, NOW + 2 * DAY)).toBe(3);
    expect((await send('1')).identifier).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('are refused with values, times, customers and names that do not fit', async () => {
    const { stripe, meter, send } = await metered();
    for (const value of ['x', '', '1e3', '0x1', ' 1', 'NaN']) {
      expect(await failing(send(value))).toMatchObject({ statusCode: 400, param: 'payload[value]' });
    }
    expect(await failing(send('1234567890.123456'))).toMatchObject({ code: 'meter_event_value_too_many_digits' });
    await send('123456789012345');
    await send('-0.00000000000001234');
    expect(await failing(send('1', { timestamp: NOW - 35 * DAY - 1 }))).toMatchObject({
      code: 'timestamp_too_far_in_past',
    });
    expect(await failing(send('1', { timestamp: NOW + 301 }))).toMatchObject({ code: 'timestamp_in_future' });
    await send('1', { timestamp: NOW - 35 * DAY });
    await send('1', { timestamp: NOW + 300 });
    expect(await failing(send('1', { payload: { value: '1' } }))).toMatchObject({ code: 'parameter_missing' });
    expect(await failing(send('1', { payload: { value: '1', stripe_customer_id: 'cus_none' } }))).toMatchObject({
      code: 'resource_missing',
    });
    expect(await failing(send('1', { event_name: 'none' }))).toMatchObject({ code: 'resource_missing' });
    await stripe.billing.meters.deactivate(meter.id);
    expect(await failing(send('1'))).toMatchObject({ code: 'archived_meter' });
    await stripe.billing.meters.reactivate(meter.id);
    expect(
      await failing(
        stripe.billing.meters.create({ display_name: 'B', event_name: 'air', default_aggregation: { formula: 'sum' } }),
      ),
    ).toMatchObject({ param: 'event_name' });
  });

  it('can be cancelled by identifier within 24 hours', async () => {
    const { emulator, stripe, send, total } = await metered();
    await send('5', { identifier: 'a' });
    await send('7', { identifier: 'b' });
    const cancel = (identifier: string) =>
      stripe.billing.meterEventAdjustments.create({ event_name: 'air', type: 'cancel', cancel: { identifier } });
    expect(await cancel('a')).toMatchObject({ object: 'billing.meter_event_adjustment', cancel: { identifier: 'a' } });
    expect(await total(NOW - HOUR, NOW + HOUR)).toBe(7);
    expect(await failing(cancel('a'))).toMatchObject({ statusCode: 400 });
    await emulator.advance(DAY + 1);
    expect(await failing(cancel('b'))).toMatchObject({ code: 'resource_missing' });
  });
});
