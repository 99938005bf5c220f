import { Injectable } from '@nestjs/common';
import { type Interval, intersect } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import type { PresenceInterval } from '../domain/registry.js';
import { InstallationStore } from '../storage/installation.store.js';
import { PresenceStore } from '../storage/presence.store.js';

/** The part of a connection that lies in the interval asked for and in an installation at the asset; ms since the epoch. */
export interface AssetPresence extends Interval {
  /** Id of the presence interval it is a part of. */
  readonly id: string;
  readonly deviceId: string;
  /** True when the connection lasts still: its end here is the end of what was asked for, or of the installation. */
  readonly open: boolean;
  /** Why the connection ended; null while it lasts. */
  readonly reason: string | null;
}

/** When devices were connected. */
@Injectable()
export class Presence {
  constructor(
    private readonly database: Database,
    private readonly installations: InstallationStore,
    private readonly presences: PresenceStore,
  ) {}

  /** When any device that then spoke for the asset was connected, by start. Parts may overlap when it had two connections. */
  async presenceOf(scope: DataScope, assetId: string, interval: Interval): Promise<AssetPresence[]> {
    const [from, to] = [new Date(interval.from), new Date(interval.to)];
    return this.database.read(scope, async (em) => {
      const parts: AssetPresence[] = [];
      for (const i of await this.installations.ofAssets(em, [assetId], from, to)) {
        const spoke = { from: i.from.getTime(), to: i.to?.getTime() ?? Number.POSITIVE_INFINITY };
        for (const p of await this.presences.ofDevice(em, i.deviceId, from, to)) {
          const connected = {
            from: p.connectedAt.getTime(),
            to: p.disconnectedAt?.getTime() ?? Number.POSITIVE_INFINITY,
          };
          const part = intersect(intersect(spoke, interval) ?? nothing, connected);
          if (part)
            parts.push({ ...part, id: p.id, deviceId: p.deviceId, open: p.disconnectedAt === null, reason: p.reason });
        }
      }
      return parts.sort((a, b) => a.from - b.from);
    });
  }

  /** As `presenceOf` for many assets at once, by asset id; assets without any are missing. */
  async presenceOfAssets(
    scope: DataScope,
    assetIds: readonly string[],
    interval: Interval,
  ): Promise<Map<string, AssetPresence[]>> {
    const [from, to] = [new Date(interval.from), new Date(interval.to)];
    const result = new Map<string, AssetPresence[]>();
    await this.database.read(scope, async (em) => {
      const installations = await this.installations.ofAssets(em, assetIds, from, to);
      const devices = [...new Set(installations.map((i) => i.deviceId))];
      const connections = Map.groupBy(await this.presences.ofDevices(em, devices, from, to), (p) => p.deviceId);
      for (const i of installations)
        for (const p of connections.get(i.deviceId) ?? []) {
          const spoke = { from: i.from.getTime(), to: i.to?.getTime() ?? Number.POSITIVE_INFINITY };
          const connected = {
            from: p.connectedAt.getTime(),
            to: p.disconnectedAt?.getTime() ?? Number.POSITIVE_INFINITY,
          };
          const part = intersect(intersect(spoke, interval) ?? nothing, connected);
          if (!part) continue;
          const list = result.get(i.assetId) ?? [];
          list.push({ ...part, id: p.id, deviceId: p.deviceId, open: p.disconnectedAt === null, reason: p.reason });
          result.set(i.assetId, list);
        }
    });
    for (const list of result.values()) list.sort((a, b) => a.from - b.from);
    return result;
  }

  /** The devices among these that are connected now. */
  async connected(scope: DataScope, deviceIds: readonly string[]): Promise<Set<string>> {
    return this.database.read(scope, (em) => this.presences.connected(em, deviceIds));
  }

  /** Newest first, at most `first` a device. */
  async latestOfDevices(scope: DataScope, deviceIds: readonly string[], first: number): Promise<PresenceInterval[]> {
    return this.database.read(scope, (em) => this.presences.latestOfDevices(em, deviceIds, first));
  }
}

const nothing: Interval = { from: 0, to: 0 };
