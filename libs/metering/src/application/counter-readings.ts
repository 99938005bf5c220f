import { Injectable } from '@nestjs/common';
import type { Interval } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import { MessageReader } from '@throughline/telemetry';
import { type CounterReading, decimalOf } from '../domain/counter.js';

/** Values of counters in assets' messages. */
@Injectable()
export class CounterReadings {
  constructor(private readonly messages: MessageReader) {}

  /** By metric, for event times in (from, to] and, with `before`, of the newest message up to `from`. */
  async of(
    em: EntityManager,
    assetId: string,
    metrics: readonly string[],
    { from, to }: Interval,
    before: boolean,
  ): Promise<Map<string, CounterReading[]>> {
    const found = new Map<string, CounterReading[]>(metrics.map((metric) => [metric, []]));
    for await (const reading of this.messages.readings(em, assetId, { from: from + 1, to: to + 1 }, { before })) {
      const { deviceId, boot, seq, ts } = reading;
      for (const [metric, list] of found) {
        const value = reading.values.get(metric);
        if (value !== undefined) list.push({ deviceId, boot, seq, ts, value: decimalOf(value) });
      }
    }
    return found;
  }

  /** Event time of the newest message up to an instant. */
  async lastAt(em: EntityManager, assetId: string, instant: number): Promise<number | undefined> {
    const none = { from: instant + 1, to: instant + 1 };
    for await (const { ts } of this.messages.readings(em, assetId, none, { before: true })) return ts;
    return undefined;
  }
}
