import { Injectable } from '@nestjs/common';
import { Assets, Models, Presence } from '@throughline/fleet';
import { Clock, HOUR_MS, type Interval, invalid } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { availabilityOf, lookBackMs, rawDefinition } from '../domain/availability.js';
import type { Category, TimelineInterval } from '../domain/category.js';
import type { AvailabilityDefinition, AvailabilityFigure } from '../domain/definition.js';
import { fillUnknown, type PresenceSpan } from '../domain/timeline.js';
import type { StoredEntry } from '../domain/timeline-change.js';
import { TimelineStore } from '../storage/timeline.store.js';

export interface TimelineOptions {
  /** What we believed at this stored time; without it, what we believe now. */
  readonly asOf?: Date;
  /** Refuses (INVALID_INPUT) when more stored entries than this are touched; they are at least one an hour and asset. */
  readonly maxEntries?: number;
}

/** A disconnect longer ago than this is not looked for to explain a silence. */
const PRESENCE_LOOK_BACK_MS = 7 * 24 * HOUR_MS;
const MAX_DAYS = 400;

/**
 * Reads timelines. Stored are the stretches that messages reach; the rest, up to now (or `asOf`), is of unknown category, so
 * an asset that falls silent becomes unknown with the passing of time and nothing needs to be written for it. The future
 * is not part of any timeline. Assets that one may not see are missing from the answers.
 */
@Injectable()
export class Timelines {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly assets: Assets,
    private readonly models: Models,
    private readonly presence: Presence,
    private readonly store: TimelineStore,
  ) {}

  /** Every instant of [from, to) up to now in exactly one interval; neighbours differ. Errors: NOT_FOUND, INVALID_INPUT. */
  async timelineOf(
    scope: DataScope,
    assetId: string,
    interval: Interval,
    options: TimelineOptions = {},
  ): Promise<TimelineInterval[]> {
    await this.assets.get(scope, assetId);
    return (await this.timelinesOf(scope, [assetId], interval, options)).get(assetId) ?? [];
  }

  /** As `timelineOf` for many assets, in a constant number of queries. */
  async timelinesOf(
    scope: DataScope,
    assetIds: readonly string[],
    interval: Interval,
    { asOf, maxEntries }: TimelineOptions = {},
  ): Promise<Map<string, TimelineInterval[]>> {
    const range = this.past(interval, asOf);
    return this.database.read(scope, async (em) => {
      const stale = await this.staleAfter(scope, assetIds);
      const ids = [...stale.keys()];
      const rows = await this.store.entries(em, ids, range, asOf, maxEntries && maxEntries + 1);
      if (maxEntries && rows.length > maxEntries)
        throw invalid({
          field: 'to',
          value: new Date(range.to),
          rule: `must be closer to "from": more than ${maxEntries} entries`,
        });
      const entries = Map.groupBy(rows, (e) => e.assetId);
      const presence = await this.presenceOf(
        scope,
        ids.filter((id) => hasGap(entries.get(id), range)),
        range,
      );
      return new Map(
        ids.map((id) => [
          id,
          fillUnknown((entries.get(id) ?? []).map(plain), range, presence.get(id) ?? [], stale.get(id) ?? 0),
        ]),
      );
    });
  }

  /**
   * The stored stretches that touch [from, to), unclipped and without unknown silence. The last may end in the future: there a
   * state is held to go on until its last message is stale. So these depend on the messages alone, not on the time of reading.
   */
  async statesOf(scope: DataScope, assetId: string, interval: Interval): Promise<TimelineInterval[]> {
    const entries = await this.database.read(scope, (em) => this.store.entries(em, [assetId], interval));
    return entries.map(plain);
  }

  /** Whether what is believed of the range changed at or after a stored time. */
  async changedSince(scope: DataScope, assetIds: readonly string[], range: Interval, since: Date): Promise<boolean> {
    return this.database.read(scope, (em) => this.store.changedSince(em, assetIds, range, since));
  }

  /** Availability of a period under a contract's definition. Errors: NOT_FOUND, INVALID_INPUT. */
  async availabilityOf(
    scope: DataScope,
    assetId: string,
    period: Interval,
    definition: AvailabilityDefinition,
    options: TimelineOptions = {},
  ): Promise<AvailabilityFigure> {
    const range = { from: period.from - lookBackMs(definition), to: period.to };
    return availabilityOf(await this.timelineOf(scope, assetId, range, options), period, definition);
  }

  /** Raw availability of many assets, added up by the database: one query however long the period. */
  async rawAvailabilityOf(
    scope: DataScope,
    assetIds: readonly string[],
    period: Interval,
  ): Promise<Map<string, AvailabilityFigure>> {
    const range = this.past(period);
    const times = await this.database.read(scope, async (em) => this.store.categoryTimes(em, assetIds, range));
    const byAsset = Map.groupBy(times, (t) => t.assetId);
    return new Map(
      assetIds.map((id) => [id, availabilityOf(endToEnd(byAsset.get(id) ?? [], range), period, rawDefinition)]),
    );
  }

  private past({ from, to }: Interval, asOf?: Date): Interval {
    if (to < from) throw invalid({ field: 'to', value: new Date(to), rule: 'must not be before "from"' });
    if (to - from > MAX_DAYS * 24 * HOUR_MS)
      throw invalid({ field: 'to', value: new Date(to), rule: `must be at most ${MAX_DAYS} days after "from"` });
    const now = this.clock.now().getTime();
    return { from, to: Math.max(from, Math.min(to, now, asOf?.getTime() ?? now)) };
  }

  private async staleAfter(scope: DataScope, assetIds: readonly string[]): Promise<Map<string, number>> {
    const assets = await this.assets.many(scope, assetIds);
    const models = await this.models.many([...new Set(assets.map((a) => a.modelId))]);
    const byId = new Map(models.map((m) => [m.id, m.staleAfterMs]));
    return new Map(assets.map((a) => [a.id, byId.get(a.modelId) ?? 0]));
  }

  private async presenceOf(
    scope: DataScope,
    assetIds: readonly string[],
    { from, to }: Interval,
  ): Promise<Map<string, PresenceSpan[]>> {
    if (assetIds.length === 0) return new Map();
    const asked = { from: from - PRESENCE_LOOK_BACK_MS, to };
    const found = await this.presence.presenceOfAssets(scope, assetIds, asked);
    return new Map(
      [...found].map(([id, parts]) => [
        id,
        parts.map((p) => ({ id: p.id, from: p.from, to: p.to >= asked.to ? null : p.to })),
      ]),
    );
  }
}

const plain = ({ id: _id, assetId: _assetId, ...interval }: StoredEntry): TimelineInterval => interval;

function hasGap(entries: readonly StoredEntry[] | undefined, { from, to }: Interval): boolean {
  let at = from;
  for (const entry of entries ?? []) {
    if (entry.from > at) return true;
    at = Math.max(at, entry.to);
  }
  return at < to;
}

/** Times by category as intervals one after the other: raw availability does not ask when something was. */
function endToEnd(times: readonly { category: Category; ms: number }[], range: Interval): TimelineInterval[] {
  const known = times.reduce((sum, { ms }) => sum + ms, 0);
  let at = range.from;
  return [...times, { category: 'unknown' as const, ms: range.to - range.from - known }].map(({ category, ms }) => {
    const from = at;
    at += ms;
    return { from, to: at, category, source: '', detail: '', evidence: { messages: 0 } };
  });
}
