import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import type { ShadowAuthor } from '../../domain/shadow/author.js';
import { noShadow, ShadowRefusal } from '../../domain/shadow/refusal.js';
import { COUNTER_KEPT_MS } from '../../domain/shadow/shadow.js';
import { DeviceStore } from '../../storage/device.store.js';
import { ShadowStore } from '../../storage/shadow.store.js';
import { headOf, type ShadowKey } from './shadow-heads.js';

@Injectable()
export class DeleteShadow {
  constructor(
    private readonly database: Database,
    private readonly shadows: ShadowStore,
    private readonly devices: DeviceStore,
    private readonly clock: Clock,
  ) {}

  /**
   * Deletes the document; its counter is kept for 48 h. Gives the version that was deleted. What else of the device was deleted
   * longer ago than that is forgotten on the way. Errors: ShadowRefusal 404.
   */
  async run(scope: DataScope, key: ShadowKey, author: ShadowAuthor): Promise<{ version: number; at: Date }> {
    return this.database.transaction(scope, async (em) => {
      if (!(await this.devices.hold(em, key.deviceId))) throw new ShadowRefusal('noThing');
      const row = await this.shadows.lock(em, key);
      const at = this.clock.now();
      const { shadow } = headOf(row, at);
      if (!row || !shadow) throw noShadow(key.thingName, key.name);
      await this.shadows.remove(em, key, at);
      const { version } = shadow;
      if (shadow.desired) await this.shadows.record(em, row, { version, desired: null, author, at });
      await this.shadows.forgetDeleted(em, key.deviceId, new Date(at.getTime() - COUNTER_KEPT_MS));
      return { version, at };
    });
  }
}
