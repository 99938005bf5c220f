import { Injectable } from '@nestjs/common';
import { invalid, isId } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import { queryLimits } from '../domain/query/limits.js';
import { parseQuery } from '../domain/query/parse.js';
import { conditionsOf, type Query } from '../domain/query/tree.js';
import { DeviceGroupStore } from '../storage/device-group.store.js';

/** Reads queries, and puts who is in a group where its name stands. */
@Injectable()
export class ReadQuery {
  constructor(private readonly groups: DeviceGroupStore) {}

  /**
   * The query as it is at this time. `inside`: ids of the groups whose query it is, the outermost first.
   * Errors: INVALID_INPUT naming the position, for a group that is not there too; for groups that are inside themselves, too deep or,
   * taken together, too large.
   */
  async run(em: EntityManager, text: string, inside: readonly string[] = []): Promise<Query> {
    const names = new Set<string>();
    const query = parseQuery(text, (name) => {
      names.add(name);
      return { kind: 'all' };
    });
    if (names.size === 0) return query;
    const found = new Map<string, Query | undefined>();
    for (const name of names) found.set(name, await this.ofGroup(em, name, inside));
    const whole = parseQuery(text, (name) => found.get(name));
    const most = queryLimits.conditionsWithGroups;
    if (conditionsOf(whole) > most)
      throw invalid({
        field: 'query',
        value: text,
        rule: `must have at most ${most} conditions with those of its groups`,
      });
    return whole;
  }

  /** Who is in the group of an id or name; undefined when there is none. Errors: those of its query. */
  async ofGroup(em: EntityManager, nameOrId: string, inside: readonly string[] = []): Promise<Query | undefined> {
    const group =
      (isId(nameOrId) ? await this.groups.byId(em, nameOrId) : undefined) ?? (await this.groups.byName(em, nameOrId));
    if (group?.kind !== 'dynamic') return group && { kind: 'member', groupId: group.id };
    const refused = (rule: string) => invalid({ field: 'query', value: `group:${group.name}`, rule });
    if (inside.includes(group.id)) throw refused(`group "${group.name}" must not be in itself`);
    if (inside.length >= queryLimits.groupDepth)
      throw refused(`groups may be at most ${queryLimits.groupDepth} deep inside each other`);
    return this.run(em, group.query ?? '', [...inside, group.id]);
  }
}
