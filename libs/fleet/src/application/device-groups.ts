import { Injectable } from '@nestjs/common';
import { notFound } from '@throughline/kernel';
import { Database, type DataScope, type PageRequest } from '@throughline/platform';
import type { DeviceGroup } from '../domain/device-group.js';
import type { DeviceOrder } from '../domain/device-order.js';
import { DeviceGroupStore } from '../storage/device-group.store.js';
import { type DeviceSearch, SearchDevices } from './search-devices.js';

/** Groups and who is in them now. */
@Injectable()
export class DeviceGroups {
  constructor(
    private readonly database: Database,
    private readonly groups: DeviceGroupStore,
    private readonly search: SearchDevices,
  ) {}

  /** By name; at most 1,000. */
  async all(scope: DataScope): Promise<DeviceGroup[]> {
    return this.database.read(scope, (em) => this.groups.all(em));
  }

  /** Errors: NOT_FOUND. */
  async get(scope: DataScope, id: string): Promise<DeviceGroup> {
    const group = await this.find(scope, id);
    if (!group) throw notFound('group', id);
    return group;
  }

  async find(scope: DataScope, id: string): Promise<DeviceGroup | undefined> {
    return this.database.read(scope, (em) => this.groups.byId(em, id));
  }

  /** Static groups that the devices are in, by name. */
  async ofDevices(scope: DataScope, deviceIds: readonly string[]): Promise<{ deviceId: string; group: DeviceGroup }[]> {
    return this.database.read(scope, (em) => this.groups.ofDevices(em, deviceIds));
  }

  /** Its devices that one may see. */
  async members(scope: DataScope, group: DeviceGroup, order: DeviceOrder, page: PageRequest): Promise<DeviceSearch> {
    return this.search.page(scope, `group:${group.id}`, order, page);
  }
}
