import { Injectable } from '@nestjs/common';
import { notFound } from '@throughline/kernel';
import {
  type Connection,
  connectionOf,
  Database,
  type DataScope,
  decodeCursor,
  type PageRequest,
} from '@throughline/platform';
import type { Certificate, Device } from '../domain/registry.js';
import { isThingName } from '../domain/thing-name.js';
import { CertificateStore } from '../storage/certificate.store.js';
import { type DeviceFilter, DeviceStore } from '../storage/device.store.js';

const LIST = 'devices';

/** Devices one may see: a customer sees those that are installed at its assets. */
@Injectable()
export class Devices {
  constructor(
    private readonly database: Database,
    private readonly devices: DeviceStore,
    private readonly certificates: CertificateStore,
  ) {}

  /** Those that exist and are visible, in no order. */
  async many(scope: DataScope, ids: readonly string[]): Promise<Device[]> {
    return this.database.read(scope, (em) => this.devices.byIds(em, ids));
  }

  /** Errors: NOT_FOUND. */
  async get(scope: DataScope, id: string): Promise<Device> {
    const [device] = await this.many(scope, [id]);
    if (!device) throw notFound('device', id);
    return device;
  }

  /** Errors: NOT_FOUND. */
  async byThingName(scope: DataScope, thingName: string): Promise<Device> {
    const device =
      isThingName(thingName) && (await this.database.read(scope, (em) => this.devices.byThingName(em, thingName)));
    if (!device) throw notFound('device', thingName);
    return device;
  }

  /** A page of those that pass the filter, by thing name. */
  async page(scope: DataScope, filter: DeviceFilter, page: PageRequest): Promise<Connection<Device>> {
    const [after] = page.after === undefined ? [] : decodeCursor(LIST, page.after, ['string']);
    const { rows, total } = await this.database.read(scope, (em) =>
      this.devices.page(em, filter, page.first + 1, after?.toString()),
    );
    return connectionOf(
      LIST,
      rows,
      page,
      total,
      (device) => [device.thingName],
      (device) => device,
    );
  }

  /** Certificates of the devices, newest first. */
  async certificatesOf(scope: DataScope, deviceIds: readonly string[]): Promise<Certificate[]> {
    return this.database.read(scope, (em) => this.certificates.ofDevices(em, deviceIds));
  }
}
