import { Injectable } from '@nestjs/common';
import { invalid, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import type { DeviceGroup } from '../domain/device-group.js';
import { DeviceGroupStore } from '../storage/device-group.store.js';
import { checkedTexts, nameTaken } from './create-device-group.js';
import { ReadQuery } from './read-query.js';

export interface ChangeDeviceGroupInput {
  readonly groupId: string;
  readonly name?: string | null;
  readonly description?: string | null;
  /** Of a dynamic group only. */
  readonly query?: string | null;
}

@Injectable()
export class ChangeDeviceGroup {
  constructor(
    private readonly database: Database,
    private readonly groups: DeviceGroupStore,
    private readonly queries: ReadQuery,
  ) {}

  /** Changes what is given. Errors: INVALID_INPUT, also for a query of a static group; NOT_FOUND; CONFLICT for the name. */
  async run(scope: DataScope, input: ChangeDeviceGroupInput): Promise<DeviceGroup> {
    return this.database.transaction(scope, async (em) => {
      const group = await this.groups.lock(em, input.groupId);
      if (!group) throw notFound('group', input.groupId);
      if (input.query != null) await this.queries.run(em, input.query, [group.id]);
      if (input.query != null && group.kind === 'static')
        throw invalid({ field: 'query', value: input.query, rule: 'a static group has members, not a query' });
      const texts = checkedTexts({
        name: input.name ?? group.name,
        description: input.description ?? group.description,
      });
      const namesake = await this.groups.byName(em, texts.name);
      if (namesake && namesake.id !== group.id) throw nameTaken(texts.name);
      const changed = { ...group, ...texts, query: input.query ?? group.query };
      await this.groups.update(em, changed);
      return changed;
    });
  }
}
