import { Injectable } from '@nestjs/common';
import { Clock, DomainError, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { type DeviceGroup, groupLimits } from '../domain/device-group.js';
import { DeviceGroupStore } from '../storage/device-group.store.js';
import { ResolveTargets } from './resolve-targets.js';

export interface GroupMembersInput {
  readonly groupId: string;
  /** Thing names. */
  readonly things?: readonly string[] | null;
  /** What matches it now; later matches do not follow. */
  readonly query?: string | null;
}

export interface ChangedMembers {
  readonly group: DeviceGroup;
  /** How many devices were added or removed. */
  readonly changed: number;
}

@Injectable()
export class ChangeGroupMembers {
  constructor(
    private readonly database: Database,
    private readonly groups: DeviceGroupStore,
    private readonly targets: ResolveTargets,
    private readonly clock: Clock,
  ) {}

  /** Adds devices to a static group; those that are in it stay. Errors: INVALID_INPUT; NOT_FOUND; CONFLICT. */
  async add(scope: DataScope, input: GroupMembersInput): Promise<ChangedMembers> {
    return this.change(scope, input, async (em, deviceIds) => {
      const added = await this.groups.add(em, input.groupId, deviceIds, this.clock.now());
      if ((await this.groups.countMembers(em, input.groupId)) > groupLimits.members)
        throw new DomainError('CONFLICT', `a static group has at most ${groupLimits.members} devices`);
      return added;
    });
  }

  /** Removes devices from a static group; those that are not in it do not matter. Errors: as of adding. */
  async remove(scope: DataScope, input: GroupMembersInput): Promise<ChangedMembers> {
    return this.change(scope, input, (em, deviceIds) => this.groups.remove(em, input.groupId, deviceIds));
  }

  private async change(
    scope: DataScope,
    { groupId, things, query }: GroupMembersInput,
    work: (em: Parameters<Parameters<Database['transaction']>[1]>[0], deviceIds: string[]) => Promise<number>,
  ): Promise<ChangedMembers> {
    return this.database.transaction(scope, async (em) => {
      const group = await this.groups.lock(em, groupId);
      if (!group) throw notFound('group', groupId);
      if (group.kind === 'dynamic')
        throw new DomainError('CONFLICT', `group "${group.name}" is dynamic: its query says who is in it`);
      const deviceIds = await this.targets.run(scope, { things, query });
      return { group, changed: await work(em, deviceIds) };
    });
  }
}
