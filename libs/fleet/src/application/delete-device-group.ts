import { Injectable } from '@nestjs/common';
import { notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import type { DeviceGroup } from '../domain/device-group.js';
import { DeviceGroupStore } from '../storage/device-group.store.js';

@Injectable()
export class DeleteDeviceGroup {
  constructor(
    private readonly database: Database,
    private readonly groups: DeviceGroupStore,
  ) {}

  /** Its devices stay. What was started for it goes on: targets are frozen when something starts. Errors: NOT_FOUND. */
  async run(scope: DataScope, groupId: string): Promise<DeviceGroup> {
    return this.database.transaction(scope, async (em) => {
      const group = await this.groups.lock(em, groupId);
      if (!group) throw notFound('group', groupId);
      await this.groups.delete(em, groupId);
      return group;
    });
  }
}
