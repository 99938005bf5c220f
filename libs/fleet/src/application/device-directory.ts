import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Database, everyCustomer, Gather } from '@throughline/platform';
import type { DirectoryEntry } from '../domain/directory-entry.js';
import { isThingName } from '../domain/thing-name.js';
import { DirectoryStore } from '../storage/directory.store.js';
import { DirectoryChanges } from './directory-changes.js';

/** After this time an entry is read again, also when no change was announced. */
const TTL_MS = 5_000;
/** Of each kind: unknown things are remembered too, so that a stranger's messages cost no query each. */
const MAX_ENTRIES = 200_000;
const BATCH = 1_000;
/** With an entry that is due, others that are in use and become due within this time are read in the same query. */
const AHEAD_MS = TTL_MS / 2;

interface Cached {
  readonly entry: DirectoryEntry | undefined;
  /** By the monotonic clock: freshness is about this process, not about the time of day. */
  readonly until: number;
  /** Since it was read. */
  used: boolean;
}

/**
 * Devices by thing name, in memory, for ingest. Read at first use, again when a change is announced (about half a second
 * later in other processes) and after 5 s at the latest; look-ups that come while others are read become one query.
 */
@Injectable()
export class DeviceDirectory implements OnApplicationShutdown {
  private readonly known = new Map<string, Cached>();
  private readonly unknown = new Map<string, Cached>();
  private readonly nameOf = new Map<string, string>();
  private readonly wanted = new Map<string, Promise<DirectoryEntry | undefined>>();
  private forgets = 0;
  private stopListening: (() => void) | undefined;
  private readonly gathered = new Gather<string, DirectoryEntry | undefined>(
    { limit: BATCH, key: (thingName) => thingName },
    (names) => this.load(names),
  );

  constructor(
    private readonly database: Database,
    private readonly store: DirectoryStore,
    private readonly changes: DirectoryChanges,
  ) {}

  /** The device of that thing name, or undefined when there is none. */
  async find(thingName: string): Promise<DirectoryEntry | undefined> {
    if (!isThingName(thingName)) return undefined;
    const cached = this.known.get(thingName) ?? this.unknown.get(thingName);
    if (!cached || cached.until <= performance.now()) return this.want(thingName);
    cached.used = true;
    return cached.entry;
  }

  /** Reads these devices, and things that were unknown, again at their next look-up. */
  forget(deviceIds: readonly string[]): void {
    this.forgets += 1;
    this.unknown.clear();
    for (const id of deviceIds) {
      const name = this.nameOf.get(id);
      if (name !== undefined) this.known.delete(name);
    }
  }

  onApplicationShutdown(): void {
    this.stopListening?.();
  }

  /** Those who ask for the same thing wait for the same answer. */
  private want(thingName: string): Promise<DirectoryEntry | undefined> {
    let wanted = this.wanted.get(thingName);
    if (!wanted) {
      wanted = this.gathered.run(thingName);
      this.wanted.set(thingName, wanted);
    }
    return wanted;
  }

  private async load(names: readonly string[]): Promise<(DirectoryEntry | undefined)[]> {
    for (const name of names) this.wanted.delete(name);
    this.stopListening ??= this.changes.listen((deviceIds) => this.forget(deviceIds));
    const { forgets } = this;
    const all = [...new Set([...names, ...this.dueSoon(BATCH - names.length)])];
    const entries = await this.database.read(everyCustomer, (em) => this.store.load(em, all));
    const byName = new Map(entries.map((entry) => [entry.thingName, entry]));
    // What was announced meanwhile may not be in what was read.
    if (forgets === this.forgets) for (const name of all) this.remember(name, byName.get(name));
    return names.map((name) => byName.get(name));
  }

  /** A fleet that talks would else cost a query a device every 5 s. What was not used since it was read is dropped when it is due. */
  private dueSoon(limit: number): string[] {
    const now = performance.now();
    const names: string[] = [];
    // The oldest come first: each reading puts an entry at the end.
    for (const [name, { entry, until, used }] of this.known) {
      if (until > now + AHEAD_MS || names.length >= limit) break;
      if (used) names.push(name);
      else if (until <= now) {
        this.known.delete(name);
        if (entry) this.nameOf.delete(entry.deviceId);
      }
    }
    return names;
  }

  private remember(thingName: string, entry: DirectoryEntry | undefined): void {
    const cached = { entry, until: performance.now() + TTL_MS, used: false };
    this.known.delete(thingName);
    this.unknown.delete(thingName);
    if (entry) this.nameOf.set(entry.deviceId, thingName);
    const map = entry ? this.known : this.unknown;
    map.set(thingName, cached);
    if (map.size <= MAX_ENTRIES) return;
    const oldest = map.keys().next().value;
    if (oldest === undefined) return;
    const dropped = map.get(oldest)?.entry;
    map.delete(oldest);
    if (dropped) this.nameOf.delete(dropped.deviceId);
  }
}
