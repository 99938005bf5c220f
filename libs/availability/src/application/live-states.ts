import { Injectable } from '@nestjs/common';
import { Assets, Installations, type Model, Models, Presence } from '@throughline/fleet';
import { Clock } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { LatestReadings, type StoredReading } from '@throughline/telemetry';
import type { Category } from '../domain/category.js';
import { meaningOf } from '../domain/derive-states.js';
import type { StoredEntry } from '../domain/timeline-change.js';
import { TimelineStore } from '../storage/timeline.store.js';

/** How an asset is now. */
export interface LiveState {
  readonly assetId: string;
  readonly category: Category;
  /** The state's own name ("loaded"); none while the category is unknown. */
  readonly state?: string;
  readonly fraction?: string;
  /** Since when it is in this state without a break, looked for through its last 200 stored stretches; ms since the epoch. */
  readonly since?: number;
  /** The newest message by the device's clock. */
  readonly latest?: StoredReading;
  /** Whether the device that speaks for it now is connected. */
  readonly connected: boolean;
}

/** The present state of assets, from their newest message and the stored timeline; a constant number of queries. */
@Injectable()
export class LiveStates {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly assets: Assets,
    private readonly models: Models,
    private readonly installations: Installations,
    private readonly presence: Presence,
    private readonly latest: LatestReadings,
    private readonly store: TimelineStore,
  ) {}

  /** By asset id; assets that one may not see are missing. */
  async of(scope: DataScope, assetIds: readonly string[]): Promise<Map<string, LiveState>> {
    const now = this.clock.now().getTime();
    return this.database.read(scope, async (em) => {
      const assets = await this.assets.many(scope, assetIds);
      const ids = assets.map((asset) => asset.id);
      const models = new Map(
        (await this.models.many([...new Set(assets.map((a) => a.modelId))])).map((m) => [m.id, m]),
      );
      const entries = new Map((await this.store.newest(em, ids, now)).map((entry) => [entry.assetId, entry]));
      const latest = await this.latest.ofAssets(em, ids);
      const running = await this.installations.runningOfAssets(scope, ids);
      const connected = await this.presence.connected(
        scope,
        running.map((i) => i.deviceId),
      );
      const devices = new Map(running.map((i) => [i.assetId, i.deviceId]));
      return new Map(
        assets.map(({ id, modelId }): [string, LiveState] => {
          const reading = latest.get(id);
          const state = liveState(models.get(modelId), entries.get(id), reading, now);
          const isConnected = connected.has(devices.get(id) ?? '');
          return [id, { assetId: id, ...state, ...(reading ? { latest: reading } : {}), connected: isConnected }];
        }),
      );
    });
  }
}

type Entry = StoredEntry & { readonly since: number };

/** The newest message is ahead of the stored timeline by a second or two; where it says a state, it decides. */
export function liveState(
  model: Model | undefined,
  entry: Entry | undefined,
  reading: StoredReading | undefined,
  now: number,
): Pick<LiveState, 'category' | 'state' | 'fraction' | 'since'> {
  const value = model && reading && reading.ts <= now ? reading.values.get(model.stateMap.metric) : undefined;
  if (!model || !reading || value === undefined) return fromEntry(entry, now);
  const staleAt = reading.ts + model.staleAfterMs;
  if (now >= staleAt) return { category: 'unknown', since: staleAt };
  const { category, detail, fraction } = meaningOf(String(value), model.stateMap);
  const goesOn = entry && entry.to >= reading.ts && entry.category === category && entry.detail === detail;
  return {
    category,
    ...(category === 'unknown' ? {} : { state: detail }),
    ...(fraction === undefined ? {} : { fraction }),
    since: goesOn ? entry.since : reading.ts,
  };
}

function fromEntry(
  entry: Entry | undefined,
  now: number,
): Pick<LiveState, 'category' | 'state' | 'fraction' | 'since'> {
  if (!entry) return { category: 'unknown' };
  if (entry.to <= now) return { category: 'unknown', since: entry.to };
  const { category, detail, fraction, since } = entry;
  return {
    category,
    ...(category === 'unknown' ? {} : { state: detail }),
    ...(fraction === undefined ? {} : { fraction }),
    since,
  };
}
