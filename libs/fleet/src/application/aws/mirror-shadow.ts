import { Injectable } from '@nestjs/common';
import { Clock, DomainError } from '@throughline/kernel';
import { Database, type EntityManager, everyCustomer } from '@throughline/platform';
import type { ShadowAuthor } from '../../domain/shadow/author.js';
import { checkSection } from '../../domain/shadow/limits.js';
import { reportedFirmware } from '../../domain/shadow/reported-firmware.js';
import { desiresOtherwise, type Shadow } from '../../domain/shadow/shadow.js';
import { DeviceStore } from '../../storage/device.store.js';
import { ShadowStore } from '../../storage/shadow.store.js';
import { RecordFirmware } from '../record-firmware.js';
import { headOf } from '../shadow/shadow-heads.js';

/** Who changed what is desired, as far as AWS IoT tells. */
export const AWS_AUTHOR: ShadowAuthor = { kind: 'system', id: 'aws-iot', name: 'AWS IoT' };

/** Our rows of shadows that AWS IoT keeps: its documents, as they are told. */
@Injectable()
export class MirrorShadow {
  constructor(
    private readonly database: Database,
    private readonly shadows: ShadowStore,
    private readonly devices: DeviceStore,
    private readonly firmware: RecordFirmware,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes a document unless a later one was taken. Who told it later, but knows the author of its version, has the author set.
   * False for a thing that is no device. Errors: ShadowRefusal 400 for what cannot be stored.
   */
  async updated(thingName: string, name: string, shadow: Shadow, author = AWS_AUTHOR): Promise<boolean> {
    for (const section of [shadow.desired, shadow.reported]) if (section) checkSection(section.state);
    return this.with(thingName, async (em, { id: deviceId, customerId }) => {
      const key = { deviceId, name };
      const at = this.clock.now();
      await this.shadows.prepare(em, key, customerId, at);
      const row = await this.shadows.lock(em, key);
      if (!row) throw new DomainError('INTERNAL', `the shadow row of ${thingName} was not made`);
      const head = headOf(row, at);
      const { version } = shadow;
      if (version <= head.counter) {
        if (author !== AWS_AUTHOR) await this.shadows.setAuthor(em, key, version, AWS_AUTHOR.id, author);
        return;
      }
      await this.shadows.save(em, key, shadow, at);
      if (desiresOtherwise(head.shadow, shadow))
        await this.shadows.record(em, row, { version, desired: shadow.desired?.state ?? null, author, at });
      const reported = reportedFirmware(name, { state: { reported: shadow.reported?.state ?? null } });
      if (reported !== undefined) await this.firmware.run(deviceId, reported);
    });
  }

  /** Takes a deletion unless something later was taken. */
  async deleted(thingName: string, name: string, version: number, author = AWS_AUTHOR): Promise<boolean> {
    return this.with(thingName, async (em, { id: deviceId }) => {
      const key = { deviceId, name };
      const row = await this.shadows.lock(em, key);
      if (!row || row.deletedAt || row.shadow.version > version) return;
      const at = this.clock.now();
      await this.shadows.remove(em, key, at);
      if (row.shadow.desired) await this.shadows.record(em, row, { version, desired: null, author, at });
    });
  }

  /** With the device held before the shadow, as installing does. */
  private async with(
    thingName: string,
    work: (em: EntityManager, device: { id: string; customerId: string | null }) => Promise<void>,
  ): Promise<boolean> {
    return this.database.transaction(everyCustomer, async (em) => {
      const device = await this.devices.lock(em, { thingName });
      if (device) await work(em, device);
      return device !== undefined;
    });
  }
}
