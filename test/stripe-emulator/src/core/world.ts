import Stripe from 'stripe';
import { missing } from './errors.js';
import { newId } from './ids.js';
import { present } from './present.js';
import type { EventRow, TableName, Tables, TaskRow } from './rows.js';
import type { Store } from './store.js';

export interface EmulatorClock {
  now(): Date;
}

type EventType = Stripe.Event['type'];

/** Stripe keeps events for 30 days; here it is so many. */
const KEPT_EVENTS = 50_000;

/** Everything a handler works with: the state, the time, and the events that follow from what it does. */
export class World {
  /** The request being handled; null while the emulator acts by itself. */
  request: { id: string; idempotency_key: string | null } | null = null;
  /** Events made since the last delivery round. */
  readonly onEvent: Array<(event: EventRow) => void> = [];
  readonly onTask: Array<() => void> = [];
  /** Test token of the method that new customers without one get. */
  customersPayWith: string | undefined;
  private readonly moments = new Map<string, number>();

  constructor(
    readonly store: Store,
    private readonly clock: EmulatorClock,
  ) {}

  /** Seconds since the epoch: of the test clock when one is named, else of the emulator. */
  now(testClock: string | null = null): number {
    if (testClock !== null) {
      const frozen = this.moments.get(testClock) ?? this.store.get('clocks', testClock)?.frozen_time;
      if (frozen !== undefined) return frozen;
    }
    return Math.floor(this.clock.now().getTime() / 1000) + this.store.ahead;
  }

  /** Runs `act` at a moment on the way of an advancing test clock. */
  at(testClock: string, moment: number, act: () => void): void {
    this.moments.set(testClock, moment);
    try {
      act();
    } finally {
      this.moments.delete(testClock);
    }
  }

  need<K extends TableName>(table: K, what: string, id: string, param = 'id', status = 404): Tables[K] {
    const row = this.store.get(table, id);
    if (!row || ('_deleted' in row && row._deleted)) throw missing(what, id, param, status);
    return row;
  }

  emit(type: EventType, object: object, previous?: object, testClock: string | null = clockOf(object)): void {
    const event: EventRow = {
      id: newId('evt'),
      object: 'event',
      api_version: Stripe.API_VERSION,
      created: this.now(testClock),
      data: {
        object: present(this, object),
        ...(previous ? { previous_attributes: present(this, previous) } : {}),
      },
      livemode: false,
      pending_webhooks: 0,
      request: this.request ?? { id: null, idempotency_key: null },
      type,
    };
    this.store.put('events', event);
    for (const old of this.store.oldest('events')) {
      if (this.store.count('events') <= KEPT_EVENTS) break;
      this.store.delete('events', old.id);
    }
    for (const listener of this.onEvent) listener(event);
  }

  schedule(task: Omit<TaskRow, 'id'>): void {
    this.store.put('tasks', { id: newId('task'), ...task });
    for (const listener of this.onTask) listener();
  }

  unschedule(subject: string, kind?: TaskRow['kind']): void {
    for (const task of this.store.all('tasks')) {
      if (task.subject === subject && (kind === undefined || task.kind === kind)) this.store.delete('tasks', task.id);
    }
  }
}

const clockOf = (object: object): string | null =>
  'test_clock' in object && typeof object.test_clock === 'string' ? object.test_clock : null;

/** The fields that differ, with their old values: `previous_attributes` of an `*.updated` event. */
export function differences<T extends object>(before: T, after: T): Partial<T> {
  const changed: Partial<T> = {};
  for (const key of Object.keys(after) as Array<keyof T & string>) {
    if (!key.startsWith('_') && JSON.stringify(before[key]) !== JSON.stringify(after[key])) changed[key] = before[key];
  }
  return changed;
}
