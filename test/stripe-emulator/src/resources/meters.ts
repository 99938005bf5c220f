import type Stripe from 'stripe';
import { measured } from '../billing/usage.js';
import { invalid } from '../core/errors.js';
import { newId } from '../core/ids.js';
import { page } from '../core/listing.js';
import { int, nothing, oneOf, paging, params, shape, text } from '../core/params.js';
import { route } from '../core/route.js';
import type { MeterRow } from '../core/rows.js';
import type { World } from '../core/world.js';

const WINDOWS = { hour: 3600, day: 86_400 };

const need = (world: World, id: string): MeterRow => world.need('meters', 'meter', id);

const switched = (world: World, id: string, status: 'active' | 'inactive'): MeterRow => {
  const meter = need(world, id);
  if (meter.status === status) throw invalid(`This meter is already ${status}.`);
  const now = world.now();
  const row = world.store.put('meters', {
    ...meter,
    status,
    status_transitions: { deactivated_at: status === 'inactive' ? now : null },
    updated: now,
  });
  world.emit(status === 'active' ? 'billing.meter.reactivated' : 'billing.meter.deactivated', row);
  return row;
};

export const meters = [
  route(
    'POST',
    '/v1/billing/meters',
    params<Stripe.Billing.MeterCreateParams>()(
      {
        default_aggregation: shape({ formula: oneOf('count', 'last', 'sum') }, {}),
        display_name: text(250),
        event_name: text(100),
      },
      {
        customer_mapping: shape({ event_payload_key: text(100), type: oneOf('by_id') }, {}),
        event_time_window: oneOf('day', 'hour'),
        value_settings: shape({ event_payload_key: text(100) }, {}),
      },
    ),
    (world, given) => {
      const taken = world.store
        .all('meters')
        .find((one) => one.event_name === given.event_name && one.status === 'active');
      if (taken) {
        throw invalid(`An active meter (${taken.id}) already exists for event name: ${given.event_name}`, 'event_name');
      }
      const created = world.now();
      const row = world.store.put('meters', {
        id: newId('mtr'),
        object: 'billing.meter',
        created,
        customer_mapping: given.customer_mapping ?? { event_payload_key: 'stripe_customer_id', type: 'by_id' },
        default_aggregation: given.default_aggregation,
        display_name: given.display_name,
        event_name: given.event_name,
        event_time_window: given.event_time_window ?? null,
        livemode: false,
        status: 'active',
        status_transitions: { deactivated_at: null },
        updated: created,
        value_settings: given.value_settings ?? { event_payload_key: 'value' },
      });
      world.emit('billing.meter.created', row);
      return row;
    },
  ),
  route('GET', '/v1/billing/meters/:id', nothing, (world, _, { id }) => need(world, id)),
  route(
    'POST',
    '/v1/billing/meters/:id',
    params<Stripe.Billing.MeterUpdateParams>()({}, { display_name: text(250) }),
    (world, given, { id }) => {
      const before = need(world, id);
      const row = world.store.put('meters', {
        ...before,
        display_name: given.display_name ?? before.display_name,
        updated: world.now(),
      });
      world.emit('billing.meter.updated', row, { display_name: before.display_name, updated: before.updated });
      return row;
    },
  ),
  route('POST', '/v1/billing/meters/:id/deactivate', nothing, (world, _, { id }) => switched(world, id, 'inactive')),
  route('POST', '/v1/billing/meters/:id/reactivate', nothing, (world, _, { id }) => switched(world, id, 'active')),
  route(
    'GET',
    '/v1/billing/meters',
    params<Stripe.Billing.MeterListParams>()({}, { ...paging, status: oneOf('active', 'inactive') }),
    (world, asked) => {
      const rows = world.store.all('meters').filter((one) => asked.status === undefined || one.status === asked.status);
      return page(rows.reverse(), '/v1/billing/meters', 'meter', asked);
    },
  ),
  route(
    'GET',
    '/v1/billing/meters/:id/event_summaries',
    params<Stripe.Billing.MeterListEventSummariesParams>()(
      { customer: text(), end_time: int(0), start_time: int(0) },
      { ...paging, value_grouping_window: oneOf('day', 'hour') },
    ),
    (world, asked, { id }) => {
      const meter = need(world, id);
      world.need('customers', 'customer', asked.customer, 'customer', 400);
      const step = asked.value_grouping_window ? WINDOWS[asked.value_grouping_window] : 60;
      for (const name of ['start_time', 'end_time'] as const) {
        if (asked[name] % step !== 0) {
          throw invalid(`${name} must be aligned with ${asked.value_grouping_window ?? 'minute'} boundaries.`, name);
        }
      }
      if (asked.end_time <= asked.start_time) throw invalid('end_time must be after start_time.', 'end_time');
      const width = asked.value_grouping_window ? step : asked.end_time - asked.start_time;
      const rows = [];
      for (let start = asked.start_time; start < asked.end_time; start += width) {
        const value = measured(world, meter, asked.customer, start, start + width);
        rows.push({
          id: `mtrusg_test_${meter.id.slice(-8)}_${asked.customer.slice(-8)}_${start}_${width}`,
          object: 'billing.meter_event_summary' as const,
          aggregated_value: Number(value),
          end_time: start + width,
          livemode: false,
          meter: meter.id,
          start_time: start,
        } satisfies Stripe.Billing.MeterEventSummary);
      }
      return page(rows.reverse(), `/v1/billing/meters/${id}/event_summaries`, 'meter_event_summary', asked);
    },
  ),
];
