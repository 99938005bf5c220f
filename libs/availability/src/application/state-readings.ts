import { Injectable } from '@nestjs/common';
import type { Interval } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import { MessageReader, type StoredReading } from '@throughline/telemetry';
import { CARRY_MS, reachMs } from '../domain/derive-states.js';
import type { StateReading } from '../domain/reading.js';

/** Neighbours are looked for in pages of so many messages; the first nearly always holds one. */
const PAGE = 20;

/** What assets' messages say of their state. */
@Injectable()
export class StateReadings {
  constructor(private readonly messages: MessageReader) {}

  /** Those of the range and, before it, as many as decide the state at its start. */
  async of(em: EntityManager, assetId: string, metric: string, range: Interval): Promise<StateReading[]> {
    const readings: StateReading[] = [];
    for await (const r of this.messages.readings(em, assetId, range, { before: true }))
      readings.push(toState(r, metric));
    const first = readings[0];
    if (first === undefined || first.state !== null || first.ref.ts >= range.from) return readings;
    const earlier: StateReading[] = [];
    // With its own instant: a device may say its state in one message and the rest of that instant in another.
    const reach = { from: first.ref.ts - reachMs(0), to: first.ref.ts + 1 };
    for await (const r of this.messages.readings(em, assetId, reach)) earlier.push(toState(r, metric));
    return [...earlier, ...readings];
  }

  /**
   * Until when messages up to `instant` can decide an asset's category: the next message with a state, or the end of the
   * silence that follows the last message without one.
   */
  async influenceEnd(
    em: EntityManager,
    assetId: string,
    metric: string,
    instant: number,
    staleAfterMs: number,
  ): Promise<number> {
    const range = { from: instant + 1, to: instant + CARRY_MS + staleAfterMs };
    let last = instant;
    for (let after: StoredReading | undefined; ; ) {
      const { readings, hasMore } = await this.messages.page(em, assetId, range, { after, limit: PAGE });
      for (const reading of readings) {
        if (reading.ts - last > staleAfterMs) return last + staleAfterMs;
        if (reading.values.get(metric) !== undefined) return reading.ts;
        last = reading.ts;
      }
      after = readings.at(-1);
      if (!hasMore) return last + staleAfterMs;
    }
  }
}

function toState(reading: StoredReading, metric: string): StateReading {
  const value = reading.values.get(metric);
  const { deviceId, boot, seq, ts } = reading;
  return { state: value === undefined ? null : String(value), ref: { deviceId, boot, seq, ts } };
}
