import { Injectable } from '@nestjs/common';
import { isId, notFound } from '@throughline/kernel';
import {
  type Connection,
  connectionOf,
  Database,
  type DataScope,
  decodeCursor,
  type EntityManager,
  type PageRequest,
} from '@throughline/platform';
import type { Device } from '../../domain/registry.js';
import type { ShadowChange } from '../../domain/shadow/author.js';
import { type ShadowView, viewOf } from '../../domain/shadow/view.js';
import { DeviceStore } from '../../storage/device.store.js';
import { type ShadowRow, ShadowStore } from '../../storage/shadow.store.js';

const LIST = 'shadows';
const HISTORY = 'shadowHistory';

/** Shadows one may see: those of the devices one may see. */
@Injectable()
export class Shadows {
  constructor(
    private readonly database: Database,
    private readonly shadows: ShadowStore,
    private readonly devices: DeviceStore,
  ) {}

  async find(scope: DataScope, deviceId: string, name: string): Promise<ShadowView | undefined> {
    const row = await this.database.read(scope, (em) => this.shadows.find(em, { deviceId, name }));
    return row && !row.deletedAt ? toView(row) : undefined;
  }

  /** A page of each device's, by name, the classic one first; in the order of the devices. */
  async pages(scope: DataScope, deviceIds: readonly string[], page: PageRequest): Promise<Connection<ShadowView>[]> {
    const [after] = page.after === undefined ? [] : decodeCursor(LIST, page.after, ['string']);
    const { rows, counts } = await this.database.read(scope, async (em) => ({
      rows: await this.shadows.ofDevices(em, deviceIds, page.first + 1, after?.toString()),
      counts: await this.shadows.counts(em, deviceIds),
    }));
    const of = Map.groupBy(rows, (row) => row.deviceId);
    return deviceIds.map((id) =>
      connectionOf(LIST, of.get(id) ?? [], page, counts.get(id) ?? 0, (row) => [row.name], toView),
    );
  }

  /** Changes of what was desired, newest first; the latest 500 are kept. */
  async history(
    scope: DataScope,
    shadow: { deviceId: string; name: string },
    page: PageRequest,
  ): Promise<Connection<ShadowChange>> {
    const [before] = page.after === undefined ? [] : decodeCursor(HISTORY, page.after, ['string']);
    const { rows, total } = await this.database.read(scope, (em) =>
      this.shadows.history(em, shadow, page.first + 1, before?.toString()),
    );
    return connectionOf(
      HISTORY,
      rows,
      page,
      total,
      (change) => [change.id],
      (change) => change,
    );
  }

  /** The device that is meant, by either of its names. Errors: NOT_FOUND. */
  async deviceOf(em: EntityManager, by: { deviceId: string } | { thingName: string }): Promise<Device> {
    const device =
      'deviceId' in by
        ? isId(by.deviceId)
          ? (await this.devices.byIds(em, [by.deviceId]))[0]
          : undefined
        : await this.devices.byThingName(em, by.thingName);
    if (!device) throw notFound('device', 'deviceId' in by ? by.deviceId : by.thingName);
    return device;
  }
}

const toView = (row: ShadowRow): ShadowView => viewOf(row, row.shadow, row.updatedAt);
