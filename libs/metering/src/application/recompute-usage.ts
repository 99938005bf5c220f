import { Injectable } from '@nestjs/common';
import { Timelines } from '@throughline/availability';
import { type Asset, Assets } from '@throughline/fleet';
import { Clock, Decimal, HOUR_MS, hourOf, type Interval, notFound, union } from '@throughline/kernel';
import { Database, type EntityManager, everyCustomer } from '@throughline/platform';
import { Schemas } from '@throughline/telemetry';
import { type CounterReading, counterHours, hourOfReading, LEAP_MS } from '../domain/counter.js';
import type { Meter } from '../domain/meter.js';
import { timeHours } from '../domain/time-meter.js';
import type { EvidenceReading } from '../domain/window.js';
import { type ComputedWindow, isChange, sameReading, windowChange } from '../domain/window-change.js';
import { DirtyStore } from '../storage/dirty.store.js';
import { MeterStore } from '../storage/meter.store.js';
import { WindowStore } from '../storage/window.store.js';
import { CounterReadings } from './counter-readings.js';

/** So much is computed in one go: a day of messages a second is 86,400 of them. */
const CHUNK_MS = 24 * HOUR_MS;

type CounterMeter = Meter & { definition: { type: 'counter' } };
type TimeMeter = Meter & { definition: { type: 'time_in_state' | 'available_hours' } };

/** Computes assets' usage windows from their committed messages and timeline, and stores what differs. */
@Injectable()
export class RecomputeUsage {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly assets: Assets,
    private readonly timelines: Timelines,
    private readonly schemas: Schemas,
    private readonly readings: CounterReadings,
    private readonly meters: MeterStore,
    private readonly windows: WindowStore,
    private readonly dirty: DirtyStore,
  ) {}

  /**
   * Makes the windows of all hours that touch [from, to) what messages and timeline say now, and later windows that are
   * measured from a reading which is now another. The day before is computed too: what the first hour is measured from must
   * not depend on marks that are still on their way. Joins an open transaction; one recomputation of an asset at a time.
   * Answers how many windows changed. Errors: NOT_FOUND.
   */
  async run(assetId: string, interval: Interval): Promise<number> {
    return this.database.transaction(everyCustomer, async (em) => {
      await this.dirty.lock(em, assetId);
      const range = { from: hourOf(interval.from), to: hourOf(interval.to + HOUR_MS - 1) };
      if (range.from >= range.to) return 0;
      const last = await this.readings.lastAt(em, assetId, range.from);
      if (last === undefined) return this.compute(em, assetId, [range]);
      const hour = hourOfReading(last);
      const base = { from: hour + HOUR_MS - CHUNK_MS, to: hour + HOUR_MS };
      return this.compute(em, assetId, [base, range]);
    });
  }

  /** Computes what is marked of an asset; 0 without marks, or when another recomputation of it is under way. */
  async runMarked(assetId: string): Promise<number> {
    return this.database.transaction(everyCustomer, async (em) => {
      if (!(await this.dirty.tryLock(em, assetId))) return 0;
      const marks = await this.dirty.take(em, assetId);
      // A reading on the hour belongs to the hour before, an interval that begins there to the hour after; and a reading may
      // take back a leap that the hour before ended with.
      return this.compute(
        em,
        assetId,
        marks.map(({ from, to }) => ({ from: hourOfReading(from - LEAP_MS), to: hourOf(to) + HOUR_MS })),
      );
    });
  }

  private async compute(em: EntityManager, assetId: string, intervals: readonly Interval[]): Promise<number> {
    const ranges = union(intervals);
    if (ranges.length === 0) return 0;
    const [asset] = await this.assets.many(everyCustomer, [assetId]);
    if (!asset) throw notFound('asset', assetId);
    const meters = await this.meters.ofModels(em, [asset.modelId]);
    const counters = meters.filter((m): m is CounterMeter => m.definition.type === 'counter');
    const times = meters.filter((m): m is TimeMeter => m.definition.type !== 'counter');
    let changed = 0;
    for (const range of ranges) {
      const ends = new Map<string, EvidenceReading | undefined>();
      for (const { id } of counters) ends.set(id, await this.windows.lastReading(em, assetId, id, range.to));
      for (const chunk of chunks(range)) {
        changed += await this.computeCounters(em, asset, counters, chunk);
        changed += await this.computeTimes(em, asset, times, chunk);
      }
      for (const meter of counters) changed += await this.follow(em, asset, meter, range.to, ends.get(meter.id));
    }
    return changed;
  }

  private async computeCounters(
    em: EntityManager,
    asset: Asset,
    meters: readonly CounterMeter[],
    range: Interval,
  ): Promise<number> {
    if (meters.length === 0) return 0;
    const bases = new Map<string, EvidenceReading | undefined>();
    for (const meter of meters) bases.set(meter.id, await this.windows.lastReading(em, asset.id, meter.id, range.from));
    const before = [...bases.values()].includes(undefined);
    const metrics = [...new Set(meters.map((m) => m.definition.metric))];
    const reach = { from: range.from, to: range.to + LEAP_MS };
    const inputs = await this.readings.of(em, asset.id, metrics, reach, before);
    const schema = await this.schemas.newest(em, asset.modelId);
    let changed = 0;
    for (const meter of meters) {
      const rollover = schema?.metrics.find((m) => m.name === meter.definition.metric)?.rollover;
      const windows = computed(inputs.get(meter.definition.metric) ?? [], bases.get(meter.id), range, rollover);
      changed += await this.store(em, asset, meter, range, windows);
    }
    return changed;
  }

  private async computeTimes(
    em: EntityManager,
    asset: Asset,
    meters: readonly TimeMeter[],
    range: Interval,
  ): Promise<number> {
    if (meters.length === 0) return 0;
    const states = await this.timelines.statesOf(everyCustomer, asset.id, range);
    let changed = 0;
    for (const meter of meters) {
      const hours = timeHours(states, range, meter.definition);
      const windows = hours.map(({ hour, quantity, messages }) => ({ hour, quantity, evidence: { messages } }));
      changed += await this.store(em, asset, meter, range, windows);
    }
    return changed;
  }

  /**
   * Later windows begin at the reading that the ones before end with. Where that is another now than it `was`, the next one is
   * computed again, and so on until they agree. Hours between have no window when their readings were passed over as numbered
   * before the old base: where the new one is not numbered after it, they are computed too.
   */
  private async follow(
    em: EntityManager,
    asset: Asset,
    meter: CounterMeter,
    from: number,
    was: EvidenceReading | undefined,
  ): Promise<number> {
    let changed = 0;
    for (let [hour, before] = [from, was]; ; ) {
      const base = await this.windows.lastReading(em, asset.id, meter.id, hour);
      if (sameReading(before, base)) return changed;
      const next = await this.windows.firstFrom(em, asset.id, meter.id, hour);
      const revives = before !== undefined && !isNumberedAfter(base, before);
      if (!next && !revives) return changed;
      const end = (next?.hour ?? hourOf(this.clock.now().getTime())) + HOUR_MS;
      for (const chunk of chunks({ from: revives || !next ? hour : next.hour, to: end }))
        changed += await this.computeCounters(em, asset, [meter], chunk);
      if (!next) return changed;
      [hour, before] = [end, next.evidence.to];
    }
  }

  private async store(
    em: EntityManager,
    asset: Asset,
    meter: Meter,
    range: Interval,
    windows: readonly ComputedWindow[],
  ): Promise<number> {
    const current = await this.windows.current(em, asset.id, meter.id, range);
    const known = new Set(current.map((window) => window.hour));
    const versions = windows.some((window) => !known.has(window.hour))
      ? await this.windows.lastVersions(em, asset.id, meter.id, range)
      : new Map<number, number>();
    const now = this.clock.now();
    const change = windowChange(current, windows, versions, now.getTime());
    if (!isChange(change)) return 0;
    await this.windows.apply(em, asset, meter.id, change, now);
    return change.added.length + change.superseded.length + change.replaced.length;
  }
}

function* chunks({ from, to }: Interval): Generator<Interval> {
  for (let start = from; start < to; start += CHUNK_MS) yield { from: start, to: Math.min(start + CHUNK_MS, to) };
}

/** Whether a reading is the same board's and not numbered before another. */
const isNumberedAfter = (a: EvidenceReading | undefined, b: EvidenceReading): boolean =>
  a?.deviceId === b.deviceId && (a.boot > b.boot || (a.boot === b.boot && a.seq >= b.seq));

function computed(
  readings: readonly CounterReading[],
  base: EvidenceReading | undefined,
  range: Interval,
  rollover: number | undefined,
): ComputedWindow[] {
  const within = readings.filter((r) => r.ts > range.from);
  const all = base ? [asReading(base), ...within] : readings;
  return counterHours(all, range, rollover).map(({ hour, quantity, messages, from, to, notes }) => ({
    hour,
    quantity,
    evidence: {
      messages,
      ...(from ? { from: asEvidence(from) } : {}),
      to: asEvidence(to),
      ...(notes.length > 0 ? { notes } : {}),
    },
  }));
}

const asEvidence = ({ deviceId, boot, seq, ts, value, fellFrom }: CounterReading): EvidenceReading => ({
  deviceId,
  boot,
  seq,
  ts,
  value: value.toFixed(),
  ...(fellFrom && { fellFrom: fellFrom.toFixed() }),
});

const asReading = ({ deviceId, boot, seq, ts, value, fellFrom }: EvidenceReading): CounterReading => ({
  deviceId,
  boot,
  seq,
  ts,
  value: new Decimal(value),
  ...(fellFrom !== undefined && { fellFrom: new Decimal(fellFrom) }),
});
