import { Injectable } from '@nestjs/common';
import { Database, type DataScope } from '@throughline/platform';
import type { Device } from '../domain/registry.js';
import { DeviceStore } from '../storage/device.store.js';
import { DeviceSearchStore, type TargetPart } from '../storage/device-search.store.js';
import { ResolveTargets, type Targets } from './resolve-targets.js';

/** Devices of a preview that are named. */
export const MAX_PREVIEWED = 200;

export interface TargetPreview {
  readonly total: number;
  /** The largest first; at most 500. */
  readonly parts: readonly TargetPart[];
  /** The first by thing name. */
  readonly devices: readonly Device[];
}

/** Whom something would be done with, before it is done. */
@Injectable()
export class PreviewTargets {
  constructor(
    private readonly database: Database,
    private readonly targets: ResolveTargets,
    private readonly search: DeviceSearchStore,
    private readonly devices: DeviceStore,
  ) {}

  /** The devices of a target as they are now. Errors: those of `ResolveTargets`. */
  async run(scope: DataScope, targets: Targets): Promise<TargetPreview> {
    const ids = await this.targets.run(scope, targets);
    return this.database.read(scope, async (em) => {
      const named = await this.devices.byIds(em, ids.slice(0, MAX_PREVIEWED));
      return {
        total: ids.length,
        parts: await this.search.parts(em, ids),
        devices: named.sort((a, b) => (a.thingName < b.thingName ? -1 : 1)),
      };
    });
  }
}
