import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { invalid, missing, StripeFault } from '../core/errors.js';
import { int, oneOf, params, shape, text, textMap } from '../core/params.js';
import { route } from '../core/route.js';
import type { MeterEventRow, MeterRow } from '../core/rows.js';
import type { World } from '../core/world.js';

const DAY = 86_400;
const OLDEST = 35 * DAY;
const NEWEST = 5 * 60;
const MAX_DIGITS = 15;

function activeMeter(world: World, name: string): MeterRow {
  const meter = world.store.all('meters').findLast((one) => one.event_name === name);
  if (!meter) throw missing('meter', name, 'event_name', 400);
  if (meter.status !== 'active')
    throw invalid(`The meter for event name ${name} is archived.`, 'event_name', 'archived_meter');
  return meter;
}

function readValue(meter: MeterRow, payload: Record<string, string>): string {
  const key = meter.value_settings.event_payload_key;
  const value = payload[key];
  if (value === undefined) {
    if (meter.default_aggregation.formula === 'count') return '1';
    throw invalid(`Missing required param: payload[${key}].`, `payload[${key}]`, 'parameter_missing');
  }
  if (!/^-?\d+(\.\d+)?$/.test(value))
    throw invalid(`Invalid decimal: ${value}`, `payload[${key}]`, 'meter_event_invalid_value');
  if (value.replace(/^-?0*\.?0*/, '').replace('.', '').length > MAX_DIGITS) {
    throw invalid(
      `The meter event value has too many digits: at most ${MAX_DIGITS} significant digits are supported.`,
      `payload[${key}]`,
      'meter_event_value_too_many_digits',
    );
  }
  return value;
}

const rowId = (meter: string, identifier: string) => `${meter} ${identifier}`;

/** The latest event under an identifier, if it came in the last 24 hours. */
function lately(world: World, meter: MeterRow, identifier: string): MeterEventRow | undefined {
  const event = world.store.get('meterEvents', rowId(meter.id, identifier));
  return event && event._received > world.now() - DAY ? event : undefined;
}

/** An identifier may be used again after 24 hours; the earlier event stays under another row. */
function makeRoom(world: World, id: string): void {
  const earlier = world.store.get('meterEvents', id);
  if (!earlier) return;
  world.store.delete('meterEvents', id);
  world.store.put('meterEvents', { ...earlier, id: `${id} ${earlier._received}` });
}

export const meterEvents = [
  route(
    'POST',
    '/v1/billing/meter_events',
    params<Stripe.Billing.MeterEventCreateParams>()(
      { event_name: text(100), payload: textMap() },
      { identifier: text(100), timestamp: int(0) },
    ),
    (world, given) => {
      const meter = activeMeter(world, given.event_name);
      const key = meter.customer_mapping.event_payload_key;
      const owner = given.payload[key];
      if (owner === undefined)
        throw invalid(`Missing required param: payload[${key}].`, `payload[${key}]`, 'parameter_missing');
      const customer = world.need('customers', 'customer', owner, `payload[${key}]`, 400);
      const value = readValue(meter, given.payload);
      const now = world.now(customer.test_clock ?? null);
      const timestamp = given.timestamp ?? now;
      if (timestamp < now - OLDEST) {
        throw invalid(
          'The timestamp is too far in the past. It must be within the past 35 calendar days.',
          'timestamp',
          'timestamp_too_far_in_past',
        );
      }
      if (timestamp > now + NEWEST) {
        throw invalid(
          'The timestamp is too far in the future. It must be at most 5 minutes in the future.',
          'timestamp',
          'timestamp_in_future',
        );
      }
      const identifier = given.identifier ?? randomUUID();
      if (lately(world, meter, identifier)) {
        throw invalid(`An event already exists with identifier ${identifier}.`);
      }
      const id = rowId(meter.id, identifier);
      makeRoom(world, id);
      return world.store.put('meterEvents', {
        id,
        object: 'billing.meter_event',
        created: now,
        event_name: given.event_name,
        identifier,
        livemode: false,
        payload: given.payload,
        timestamp,
        _customer: customer.id,
        _value: value,
        _received: world.now(),
        _cancelled: false,
      });
    },
  ),
  route(
    'POST',
    '/v1/billing/meter_event_adjustments',
    params<Stripe.Billing.MeterEventAdjustmentCreateParams>()(
      { event_name: text(100), type: oneOf('cancel') },
      { cancel: shape({ identifier: text(100) }, {}) },
    ),
    (world, given) => {
      const identifier = given.cancel?.identifier;
      if (identifier === undefined) throw invalid('Missing required param: cancel.', 'cancel', 'parameter_missing');
      const event = lately(world, activeMeter(world, given.event_name), identifier);
      if (!event) {
        throw new StripeFault(400, {
          type: 'invalid_request_error',
          code: 'resource_missing',
          message: `No meter event with identifier ${identifier} was received in the last 24 hours.`,
          param: 'cancel[identifier]',
        });
      }
      if (event._cancelled)
        throw invalid(`The event with identifier ${identifier} has already been cancelled.`, 'cancel[identifier]');
      world.store.put('meterEvents', { ...event, _cancelled: true });
      return {
        object: 'billing.meter_event_adjustment',
        cancel: { identifier },
        event_name: given.event_name,
        livemode: false,
        status: 'pending',
        type: 'cancel',
      } satisfies Stripe.Billing.MeterEventAdjustment;
    },
  ),
];
