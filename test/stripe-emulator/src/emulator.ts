import { Scheduler } from './billing/scheduler.js';
import type { DeliveryRow, EventRow } from './core/rows.js';
import { Store } from './core/store.js';
import { type EmulatorClock, World } from './core/world.js';
import { type Fault, type FaultKind, Faults } from './http/faults.js';
import { Journal, type JournalEntry } from './http/journal.js';
import { createServer } from './http/server.js';
import { allRoutes } from './resources/index.js';
import { finishAdvance } from './resources/test-clocks.js';
import { makeEndpoint } from './resources/webhook-endpoints.js';
import { Deliveries, type Order } from './webhooks/deliveries.js';

export interface StripeEmulatorOptions {
  /** Test token, such as `pm_card_visa`, of the payment method that new customers without one get. */
  readonly customersPayWith?: string;
  /** A free one unless given. */
  port?: number;
  /** 127.0.0.1 unless given. */
  host?: string;
  /** Keeps the state in this file of JSON lines and goes on from it. */
  stateFile?: string;
  /** The time of whatever has no test clock; the machine's unless given. */
  clock?: EmulatorClock;
  /** An endpoint that exists from the start, with a secret of the caller's choice. */
  webhook?: { url: string; secret: string; enabledEvents?: string[] };
  /** Milliseconds before each further try of a delivery; about as Stripe's unless given. */
  webhookRetryAfterMs?: number[];
  /** Secret keys that are accepted; any `sk_test_…` unless given. */
  apiKeys?: readonly string[];
}

/** A running emulator and its controls, which are not to be had over HTTP. */
export interface StripeEmulator {
  url: string;
  host: string;
  port: number;
  /** Stops listening and delivering; the state file is complete afterwards. */
  close(): Promise<void>;
  /** Moves the emulator's own time on and lets happen what falls due. Test clocks are advanced through the API. */
  advance(seconds: number): Promise<void>;
  /** Makes coming requests go wrong. */
  fail(fault: FaultKind | Fault): void;
  /** Takes back faults that no request has met. */
  mend(): void;
  /** Requests so far, in order of arrival. */
  requests(where?: Partial<Pick<JournalEntry, 'method' | 'path' | 'status'>>): JournalEntry[];
  webhooks: {
    hold(): void;
    release(order?: Order): void;
    /** One more delivery of an event that was delivered already, or is about to be. */
    again(eventId: string): void;
    retryNow(): void;
    settled(): Promise<void>;
    deliveries(): DeliveryRow[];
  };
  /** Events in the order in which they happened. */
  events(type?: string): EventRow[];
}

export async function startStripeEmulator(options: StripeEmulatorOptions = {}): Promise<StripeEmulator> {
  const store = await Store.open(options.stateFile);
  const world = new World(store, options.clock ?? { now: () => new Date() });
  world.customersPayWith = options.customersPayWith;
  const deliveries = new Deliveries(world, { retryAfterMs: options.webhookRetryAfterMs });
  const persist = (): void => {
    store.saved().then(
      () => deliveries.kick(),
      (error: unknown) => console.error('stripe-emulator: state file', error),
    );
  };
  const scheduler = new Scheduler(world, persist);
  const later = (act: () => void): void => {
    setImmediate(() => {
      act();
      persist();
    });
  };
  const faults = new Faults();
  const journal = new Journal();
  const app = createServer({
    world,
    routes: allRoutes(() => scheduler, later),
    faults,
    journal,
    apiKeys: options.apiKeys,
    afterwards: () => deliveries.kick(),
  });

  if (options.webhook) ownEndpoint(world, options.webhook);
  await store.saved();
  const host = options.host ?? '127.0.0.1';
  await app.listen({ port: options.port ?? 0, host });
  const address = app.server.address();
  const port = typeof address === 'object' && address ? address.port : (options.port ?? 0);
  for (const clock of store.all('clocks'))
    if (clock.status === 'advancing') later(() => finishAdvance(world, scheduler, clock.id));
  scheduler.run();

  return {
    url: `http://${host}:${port}`,
    host,
    port,
    async close() {
      scheduler.stop();
      deliveries.stop();
      await app.close();
      await store.close();
    },
    async advance(seconds) {
      store.ahead += seconds;
      scheduler.run();
      await store.saved();
    },
    fail: (fault) => faults.add(typeof fault === 'string' ? { kind: fault } : fault),
    mend: () => faults.clear(),
    requests: (where) => journal.entries(where),
    webhooks: {
      hold: () => deliveries.hold(),
      release: (order) => deliveries.release(order),
      again: (event) => deliveries.again(event),
      retryNow: () => deliveries.retryNow(),
      settled: () => deliveries.settled(),
      deliveries: () => deliveries.list(),
    },
    events: (type) => store.all('events').filter((event) => type === undefined || event.type === type),
  };
}

/** There is one such endpoint; starting again with another address or secret changes it. */
function ownEndpoint(world: World, webhook: NonNullable<StripeEmulatorOptions['webhook']>): void {
  const before = world.store.all('endpoints').find((one) => one._own);
  makeEndpoint(world, {
    ...before,
    url: webhook.url,
    enabled_events: webhook.enabledEvents ?? ['*'],
    _secret: webhook.secret,
    _own: true,
  });
}
