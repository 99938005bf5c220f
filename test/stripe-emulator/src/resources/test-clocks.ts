import type Stripe from 'stripe';
import { periodOf } from '../billing/renew.js';
import type { Scheduler } from '../billing/scheduler.js';
import { deleted } from '../core/common.js';
import { invalid, StripeFault } from '../core/errors.js';
import { newId } from '../core/ids.js';
import { page } from '../core/listing.js';
import { int, nothing, paging, params, text } from '../core/params.js';
import { route } from '../core/route.js';
import type { TestClockRow } from '../core/rows.js';
import type { World } from '../core/world.js';

const DAY = 86_400;
const KEPT = 30 * DAY;
const FARTHEST = 2 * 366 * DAY;

const find = (world: World, id: string): TestClockRow =>
  world.need('clocks', 'test_helpers.test_clock', id, 'test_clock');

function checkAdvance(world: World, clock: TestClockRow, target: number): void {
  if (clock.status !== 'ready') {
    throw new StripeFault(429, {
      type: 'invalid_request_error',
      code: 'lock_timeout',
      message: 'Test clock advancement underway - cannot perform modifications.',
    });
  }
  if (target <= clock.frozen_time)
    throw invalid('frozen_time must be in the future of the current frozen time.', 'frozen_time');
  const periods = world.store
    .all('subscriptions')
    .filter((one) => one.test_clock === clock.id && one.status !== 'canceled')
    .map(periodOf);
  const shortest = Math.min(FARTHEST / 2, ...periods.map(({ start, end }) => end - start));
  // A day's grace, for months differ in length.
  if (target > clock.frozen_time + 2 * shortest + DAY * 3) {
    throw invalid(
      'You cannot advance the clock by more than two intervals of the shortest subscription at a time.',
      'frozen_time',
    );
  }
}

/** Test clocks: the answer to an advance says `advancing`; what is due happens after it, then the clock is ready. */
export const testClocks = (scheduler: () => Scheduler, later: (act: () => void) => void) => [
  route(
    'POST',
    '/v1/test_helpers/test_clocks',
    params<Stripe.TestHelpers.TestClockCreateParams>()({ frozen_time: int(0) }, { name: text(300) }),
    (world, given) => {
      const created = world.now();
      const row = world.store.put('clocks', {
        id: newId('clock'),
        object: 'test_helpers.test_clock',
        created,
        deletes_after: created + KEPT,
        frozen_time: given.frozen_time,
        livemode: false,
        name: given.name ?? null,
        status: 'ready',
        status_details: {},
      });
      world.emit('test_helpers.test_clock.created', row);
      return row;
    },
  ),
  route('GET', '/v1/test_helpers/test_clocks/:id', nothing, (world, _, { id }) => find(world, id)),
  route(
    'POST',
    '/v1/test_helpers/test_clocks/:id/advance',
    params<Stripe.TestHelpers.TestClockAdvanceParams>()({ frozen_time: int(0) }, {}),
    (world, given, { id }) => {
      const clock = find(world, id);
      checkAdvance(world, clock, given.frozen_time);
      const row = world.store.put('clocks', {
        ...clock,
        status: 'advancing',
        status_details: { advancing: { target_frozen_time: given.frozen_time } },
      });
      world.emit('test_helpers.test_clock.advancing', row);
      later(() => finishAdvance(world, scheduler(), id));
      return row;
    },
  ),
  route('DELETE', '/v1/test_helpers/test_clocks/:id', nothing, (world, _, { id }) => {
    const clock = find(world, id);
    const owned = new Set(
      world.store
        .all('customers')
        .filter((one) => one.test_clock === id)
        .map((one) => one.id),
    );
    for (const table of ['customers', 'subscriptions', 'invoices', 'invoiceItems'] as const) {
      for (const row of world.store.all(table)) if (row.test_clock === id) world.store.delete(table, row.id);
    }
    for (const row of world.store.all('paymentMethods'))
      if (owned.has(row.customer ?? '')) world.store.delete('paymentMethods', row.id);
    for (const task of world.store.all('tasks')) if (task.clock === id) world.store.delete('tasks', task.id);
    world.store.delete('clocks', id);
    world.emit('test_helpers.test_clock.deleted', clock);
    return deleted('test_helpers.test_clock', id);
  }),
  route(
    'GET',
    '/v1/test_helpers/test_clocks',
    params<Stripe.TestHelpers.TestClockListParams>()({}, paging),
    (world, asked) =>
      page(world.store.all('clocks').reverse(), '/v1/test_helpers/test_clocks', 'test_helpers.test_clock', asked),
  ),
];

/** Lets everything happen that lies between the frozen time and the target. Safe to call again after a restart. */
export function finishAdvance(world: World, scheduler: Scheduler, id: string): void {
  const clock = world.store.get('clocks', id);
  const target = clock?.status_details.advancing?.target_frozen_time;
  if (clock?.status !== 'advancing' || target === undefined) return;
  scheduler.runClock(id, target);
  const ready = world.store.put('clocks', { ...clock, frozen_time: target, status: 'ready', status_details: {} });
  world.emit('test_helpers.test_clock.ready', ready);
}
