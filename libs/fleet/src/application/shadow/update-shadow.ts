import { Injectable } from '@nestjs/common';
import { Clock, DomainError } from '@throughline/kernel';
import { Database, type DataScope, type EntityManager } from '@throughline/platform';
import type { ShadowAuthor } from '../../domain/shadow/author.js';
import { ShadowRefusal } from '../../domain/shadow/refusal.js';
import { reportedFirmware } from '../../domain/shadow/reported-firmware.js';
import type { ShadowUpdate } from '../../domain/shadow/request.js';
import { desiresOtherwise, type Shadow, updated } from '../../domain/shadow/shadow.js';
import { DeviceStore } from '../../storage/device.store.js';
import { type ShadowRow, ShadowStore } from '../../storage/shadow.store.js';
import { RecordFirmware } from '../record-firmware.js';
import { headOf, type ShadowKey, seconds } from './shadow-heads.js';

/** An update that was accepted. */
export interface UpdatedShadow {
  /** Undefined when there was none. */
  readonly previous: Shadow | undefined;
  readonly current: Shadow;
  readonly at: Date;
}

@Injectable()
export class UpdateShadow {
  constructor(
    private readonly database: Database,
    private readonly shadows: ShadowStore,
    private readonly devices: DeviceStore,
    private readonly firmware: RecordFirmware,
    private readonly clock: Clock,
  ) {}

  /**
   * Accepts an update or leaves everything as it was. Updates of one shadow, from whichever process, take turns by its row.
   * Errors: ShadowRefusal 400, 404 (no such thing), 409, 413.
   */
  async run(scope: DataScope, key: ShadowKey, update: ShadowUpdate, author: ShadowAuthor): Promise<UpdatedShadow> {
    return this.database.transaction(scope, async (em) => {
      // What may be recorded in the history refers to the device, which is therefore held before the shadow: installing
      // holds them in that order too. A mere report, of which there are many, leaves the device alone.
      if (update.state === null || update.state.desired !== undefined) await this.hold(em, key);
      await this.recordFirmware(em, key, update);
      const row = (await this.shadows.lock(em, key)) ?? (await this.create(em, key));
      const at = this.clock.now();
      const head = headOf(row, at);
      const current = updated(head, update, seconds(at));
      await this.shadows.save(em, key, current, at);
      if (desiresOtherwise(head.shadow, current))
        await this.shadows.record(em, row, {
          version: current.version,
          desired: current.desired?.state ?? null,
          author,
          at,
        });
      return { previous: head.shadow, current, at };
    });
  }

  /** One look at the device for an update that names a version; it is held only when that is another one. */
  private async recordFirmware(em: EntityManager, { deviceId, name }: ShadowKey, update: ShadowUpdate): Promise<void> {
    const version = reportedFirmware(name, update);
    if (version === undefined) return;
    const [device] = await this.devices.byIds(em, [deviceId]);
    if (device && device.firmwareVersion !== version) await this.firmware.run(deviceId, version);
  }

  private async hold(em: EntityManager, { deviceId }: ShadowKey): Promise<string | null> {
    const device = await this.devices.hold(em, deviceId);
    if (!device) throw new ShadowRefusal('noThing');
    return device.customerId;
  }

  private async create(em: EntityManager, key: ShadowKey): Promise<ShadowRow> {
    await this.shadows.prepare(em, key, await this.hold(em, key), this.clock.now());
    const row = await this.shadows.lock(em, key);
    if (!row) throw new DomainError('INTERNAL', `the shadow row of ${key.thingName} was not made`);
    return row;
  }
}
