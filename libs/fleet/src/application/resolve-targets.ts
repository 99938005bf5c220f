import { Injectable } from '@nestjs/common';
import { Clock, DomainError, invalid, notFound } from '@throughline/kernel';
import { Database, type DataScope, type EntityManager } from '@throughline/platform';
import { groupLimits } from '../domain/device-group.js';
import type { Query } from '../domain/query/tree.js';
import { DeviceSearchStore } from '../storage/device-search.store.js';
import { ReadQuery } from './read-query.js';

/** Devices of one list of targets. */
export const MAX_TARGETS = 100_000;

/** Which devices: those of all that is given. At least one must be. */
export interface Targets {
  /** Thing names, at most 1,000. */
  readonly things?: readonly string[] | null | undefined;
  /** Id or name of a group. */
  readonly group?: string | null | undefined;
  /** A query in the language of `searchDevices`. */
  readonly query?: string | null | undefined;
}

/** Turns things, a group or a query into the list of devices at this time, the same way for jobs, commands and releases. */
@Injectable()
export class ResolveTargets {
  constructor(
    private readonly database: Database,
    private readonly queries: ReadQuery,
    private readonly search: DeviceSearchStore,
    private readonly clock: Clock,
  ) {}

  /**
   * Ids of the devices, each once, by thing name; a frozen list, since groups and matches change. It may be empty for a group or a
   * query. Errors: INVALID_INPUT when nothing is given, for the query, or for more than 100,000 devices; NOT_FOUND for a thing or group.
   */
  async run(scope: DataScope, { things, group, query }: Targets): Promise<string[]> {
    if (things == null && group == null && query == null)
      throw invalid({ field: 'targets', value: undefined, rule: 'things, a group or a query must be given' });
    if (things != null && things.length > groupLimits.things)
      throw invalid({ field: 'things', value: things.length, rule: `at most ${groupLimits.things} may be named` });
    return this.database.read(scope, async (em) => {
      const found = new Map<string, string>();
      const matching = async (tree: Query): Promise<void> => {
        const rows = await this.search.all(
          em,
          { query: tree, now: this.clock.now().getTime(), scope },
          MAX_TARGETS + 1,
        );
        for (const { thingName, deviceId } of rows) found.set(thingName, deviceId);
      };
      if (things != null) for (const [thingName, id] of await this.named(em, things)) found.set(thingName, id);
      if (group != null) {
        const members = await this.queries.ofGroup(em, group);
        if (!members) throw notFound('group', group);
        await matching(members);
      }
      if (query != null) await matching(await this.queries.run(em, query));
      if (found.size > MAX_TARGETS)
        throw invalid({ field: 'targets', value: found.size, rule: `must be at most ${MAX_TARGETS} devices` });
      return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, id]) => id);
    });
  }

  private async named(em: EntityManager, things: readonly string[]): Promise<Map<string, string>> {
    const known = await this.search.byThingNames(em, things);
    const unknown = things.filter((thing) => !known.has(thing));
    if (unknown.length > 0)
      throw new DomainError(
        'NOT_FOUND',
        `${unknown.length} of the things do not exist or are not yours to see: ${unknown.slice(0, 10).join(', ')}`,
        unknown.slice(0, 100).map((value) => ({ field: 'things', value, rule: 'must be the name of a thing' })),
      );
    return known;
  }
}
