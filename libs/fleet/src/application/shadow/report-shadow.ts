import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, type EntityManager, everyCustomer, Gather } from '@throughline/platform';
import type { ShadowAuthor } from '../../domain/shadow/author.js';
import { ShadowRefusal } from '../../domain/shadow/refusal.js';
import { reportedFirmware } from '../../domain/shadow/reported-firmware.js';
import type { ShadowUpdate } from '../../domain/shadow/request.js';
import { updated } from '../../domain/shadow/shadow.js';
import { DeviceStore } from '../../storage/device.store.js';
import { ShadowStore } from '../../storage/shadow.store.js';
import { headOf, type ShadowKey, seconds } from './shadow-heads.js';
import { type UpdatedShadow, UpdateShadow } from './update-shadow.js';

interface Report {
  readonly key: ShadowKey;
  readonly update: ShadowUpdate;
}

/** Reports of one transaction, when many devices report at once. */
const BATCH = 200;

/**
 * Updates by devices themselves. The many that only report, to a shadow that is there and from the firmware that is known, share
 * transactions; every other one goes its own way.
 */
@Injectable()
export class ReportShadow {
  private readonly gathered = new Gather<Report, UpdatedShadow | undefined>(
    { limit: BATCH, key: ({ key }) => `${key.deviceId} ${key.name}` },
    (reports) => this.database.transaction(everyCustomer, (em) => this.all(em, reports)),
  );

  constructor(
    private readonly database: Database,
    private readonly shadows: ShadowStore,
    private readonly devices: DeviceStore,
    private readonly update: UpdateShadow,
    private readonly clock: Clock,
  ) {}

  /** Accepts an update or leaves everything as it was. Errors: ShadowRefusal 400, 404 (no such thing), 409, 413. */
  async run(key: ShadowKey, update: ShadowUpdate, author: ShadowAuthor): Promise<UpdatedShadow> {
    const shared = reportsOnly(update) ? await this.gathered.run({ key, update }) : undefined;
    return shared ?? this.update.run(everyCustomer, key, update, author);
  }

  /** By report: its outcome, or undefined when there is more to do than to save it. */
  private async all(em: EntityManager, reports: readonly Report[]): Promise<(UpdatedShadow | undefined | Error)[]> {
    const known = await this.ofKnownFirmware(em, reports);
    const rows = new Map(
      (
        await this.shadows.lockAll(
          em,
          known.map(({ key }) => key),
        )
      ).map((r) => [placeOf(r), r]),
    );
    const at = this.clock.now();
    const outcomes = new Map<Report, UpdatedShadow | Error>();
    for (const report of known) {
      const row = rows.get(placeOf(report.key));
      // One that was deleted begins anew: the history and the device may have a say in that.
      if (!row || row.deletedAt) continue;
      const head = headOf(row, at);
      try {
        outcomes.set(report, { previous: head.shadow, current: updated(head, report.update, seconds(at)), at });
      } catch (error) {
        if (!(error instanceof ShadowRefusal)) throw error;
        outcomes.set(report, error);
      }
    }
    const saved = [...outcomes].flatMap(([{ key }, outcome]) =>
      outcome instanceof Error ? [] : [{ ...key, shadow: outcome.current }],
    );
    await this.shadows.saveAll(em, saved, at);
    return reports.map((report) => outcomes.get(report));
  }

  private async ofKnownFirmware(em: EntityManager, reports: readonly Report[]): Promise<readonly Report[]> {
    const versionOf = ({ key, update }: Report) => reportedFirmware(key.name, update);
    const naming = reports.filter((report) => versionOf(report) !== undefined);
    if (naming.length === 0) return reports;
    const devices = await this.devices.byIds(
      em,
      naming.map(({ key }) => key.deviceId),
    );
    const firmware = new Map(devices.map((device) => [device.id, device.firmwareVersion]));
    return reports.filter((report) => {
      const version = versionOf(report);
      return version === undefined || version === firmware.get(report.key.deviceId);
    });
  }
}

const reportsOnly = ({ state }: ShadowUpdate): boolean => state !== null && state.desired === undefined;

const placeOf = ({ deviceId, name }: { deviceId: string; name: string }): string => `${deviceId} ${name}`;
