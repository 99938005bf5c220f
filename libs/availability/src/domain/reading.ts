import type { MessageRef } from './category.js';

/** What one message said about the asset's state. */
export interface StateReading {
  /** The state metric's value as text, or null: the message came without it, which still proves that the device lives. */
  readonly state: string | null;
  readonly ref: MessageRef;
}

/** Value of the model's state metric (as text) → what it means. Shape of the fleet's state map. */
export interface StateMeanings {
  readonly states: Readonly<
    Record<string, { readonly name: string; readonly category: string; readonly fraction?: string }>
  >;
}

const byEventTime = (a: MessageRef, b: MessageRef): number =>
  a.ts - b.ts || (a.deviceId < b.deviceId ? -1 : a.deviceId > b.deviceId ? 1 : a.boot - b.boot || a.seq - b.seq);

const sameMessage = (a: MessageRef, b: MessageRef | undefined): boolean =>
  b !== undefined && a.ts === b.ts && a.deviceId === b.deviceId && a.boot === b.boot && a.seq === b.seq;

/** In event-time order, each message once, whatever the order and number they came in. */
export function inEventOrder<R extends { readonly ref: MessageRef }>(readings: readonly R[]): R[] {
  const sorted = [...readings].sort((a, b) => byEventTime(a.ref, b.ref));
  return sorted.filter((reading, i) => !sameMessage(reading.ref, sorted[i - 1]?.ref));
}
