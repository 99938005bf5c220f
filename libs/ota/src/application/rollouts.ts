import { Injectable } from '@nestjs/common';
import { invalid } from '@throughline/kernel';
import { type Connection, Database, type DataScope, type PageRequest } from '@throughline/platform';
import {
  type Reported,
  type Rollout,
  type RolloutDevice,
  type RolloutDeviceState,
  rolloutDeviceStates,
} from '../domain/rollout.js';
import { RolloutStore } from '../storage/rollout.store.js';
import { RolloutDeviceStore } from '../storage/rollout-device.store.js';

/** Rollouts and how far their devices are. Permission decides who sees them; the devices themselves keep to the scope. */
@Injectable()
export class Rollouts {
  constructor(
    private readonly database: Database,
    private readonly rollouts: RolloutStore,
    private readonly devices: RolloutDeviceStore,
  ) {}

  /** Those that exist, in no order. */
  async many(scope: DataScope, ids: readonly string[]): Promise<Rollout[]> {
    return this.database.read(scope, (em) => this.rollouts.byIds(em, ids));
  }

  /** Newest first. */
  async page(scope: DataScope, releaseId: string | undefined, page: PageRequest): Promise<Connection<Rollout>> {
    return this.database.read(scope, (em) => this.rollouts.page(em, releaseId, page));
  }

  /** By device id. Errors: INVALID_INPUT for a state that is none. */
  async devicesOf(
    scope: DataScope,
    rolloutId: string,
    state: string | undefined,
    page: PageRequest,
  ): Promise<Connection<RolloutDevice>> {
    const known = rolloutDeviceStates.find((one) => one === state);
    if (state !== undefined && known === undefined)
      throw invalid({ field: 'state', value: state, rule: `must be one of ${rolloutDeviceStates.join(', ')}` });
    return this.database.read(scope, (em) => this.devices.page(em, rolloutId, known, page));
  }

  async countsOf(
    scope: DataScope,
    rolloutIds: readonly string[],
  ): Promise<{ rolloutId: string; state: RolloutDeviceState; count: number }[]> {
    return this.database.read(scope, (em) => this.devices.counts(em, rolloutIds));
  }

  /** Device → what it last said it runs; devices that said nothing are missing. */
  async reportedBy(scope: DataScope, deviceIds: readonly string[]): Promise<Map<string, Reported>> {
    return this.database.read(scope, (em) => this.devices.reported(em, deviceIds));
  }
}
