import { Injectable } from '@nestjs/common';
import { Clock, DomainError, invalid, newId } from '@throughline/kernel';
import { Database, type DataScope, type EntityManager, Outbox, violatedConstraint } from '@throughline/platform';
import { CsvError, parse } from 'csv-parse/sync';
import { type DeviceRow, importLimits, type Line, type RowFault, readRows } from '../domain/device-rows.js';
import {
  DeviceImportStore,
  type KnownMachine,
  type KnownSite,
  type NewDevice,
  type NewInstallation,
  type NewMachine,
} from '../storage/device-import.store.js';
import { DeviceSearchStore } from '../storage/device-search.store.js';
import { ModelStore } from '../storage/model.store.js';
import { DirectoryChanges } from './directory-changes.js';
import { deviceInstalled, deviceStateChanged } from './events.js';
import { RefreshDeviceIndex } from './refresh-device-index.js';

export interface DeviceImport {
  /** Nothing was written: it was a dry run, or there are faults. */
  readonly written: boolean;
  /** How many the file has, or would make: devices, new machines, installations. */
  readonly devices: number;
  readonly assets: number;
  readonly installations: number;
  /** By row; at most 1,000 of `faultCount`. */
  readonly faults: readonly RowFault[];
  readonly faultCount: number;
}

interface Plan {
  readonly devices: NewDevice[];
  readonly machines: NewMachine[];
  readonly installations: NewInstallation[];
}

/** Registers thousands of devices, with the machines they speak for from now on, from a CSV file: all of it or nothing. */
@Injectable()
export class ImportDevices {
  constructor(
    private readonly database: Database,
    private readonly store: DeviceImportStore,
    private readonly search: DeviceSearchStore,
    private readonly models: ModelStore,
    private readonly outbox: Outbox,
    private readonly directory: DirectoryChanges,
    private readonly index: RefreshDeviceIndex,
    private readonly clock: Clock,
  ) {}

  /**
   * With faults nothing is written and all of them are told. Errors: INVALID_INPUT for what is no CSV or too large; CONFLICT when
   * somebody registered one of the devices or machines in the same moment.
   */
  async run(scope: DataScope, { csv, dryRun }: { csv: string; dryRun: boolean }): Promise<DeviceImport> {
    const { rows, faults } = readRows(linesOf(csv));
    const now = this.clock.now();
    const result = await this.database.transaction(scope, async (em) => {
      const plan = await this.plan(em, rows, faults, now);
      const written = !dryRun && faults.length === 0;
      if (written) await this.write(em, plan, now);
      return { plan, written };
    });
    if (result.written) this.directory.announce(result.plan.devices.map((device) => device.id));
    const { devices, machines, installations } = result.plan;
    return {
      written: result.written,
      devices: devices.length,
      assets: machines.length,
      installations: installations.length,
      faults: faults.sort((a, b) => a.row - b.row).slice(0, importLimits.faults),
      faultCount: faults.length,
    };
  }

  /** What the file would make; what the registry has against it is added to the faults. */
  private async plan(em: EntityManager, rows: readonly DeviceRow[], faults: RowFault[], now: Date): Promise<Plan> {
    const models = new Map((await this.models.all(em)).map((model) => [model.name, model]));
    const known = await this.search.byThingNames(
      em,
      rows.map((row) => row.thingName),
    );
    const machineRows = rows.flatMap((row) => row.machine ?? []);
    const sites = await this.store.sites(em, [...new Set(machineRows.map((machine) => machine.customer))]);
    const machines = await this.store.machines(
      em,
      machineRows.map((machine) => machine.serialNumber),
    );
    const sitesByName = Map.groupBy(sites, (site) => place(site.customer, site.name));
    const customers = new Set(sites.map((site) => site.customer));
    const machineBySerial = new Map(machines.map((machine) => [place(machine.modelId, machine.serialNumber), machine]));
    const plan: Plan = { devices: [], machines: [], installations: [] };
    for (const row of rows) {
      const fault = (field: string, value: string, rule: string): void =>
        void faults.push({ row: row.row, field, value, rule });
      const model = models.get(row.model);
      if (!model) fault('model', row.model, 'must be the name of a model');
      if (known.has(row.thingName)) fault('thing_name', row.thingName, 'is registered already');
      const device = { id: newId(now.getTime()), thing_name: row.thingName, model_id: model?.id ?? '', tags: row.tags };
      if (!row.machine) {
        plan.devices.push({ ...device, customer_id: null, state: 'manufactured' });
        continue;
      }
      const site = siteOf(row.machine, sitesByName, customers, fault);
      const machine = model && machineBySerial.get(place(model.id, row.machine.serialNumber));
      if (!site) continue;
      if (machine) checkMachine(machine, row.machine, site, fault);
      else if (row.machine.name === '') fault('asset_name', '', 'must be given for a machine that is not registered');
      const customer = { customer_id: site.customerId };
      const assetId = machine?.id ?? newId(now.getTime());
      plan.devices.push({ ...device, ...customer, state: 'claimed' });
      if (!machine)
        plan.machines.push({
          id: assetId,
          ...customer,
          site_id: site.id,
          model_id: device.model_id,
          serial_number: row.machine.serialNumber,
          name: row.machine.name,
          location: row.machine.location,
        });
      const ids = { id: newId(now.getTime()), device_id: device.id, asset_id: assetId };
      plan.installations.push({ ...ids, ...customer, loan: row.machine.loan });
    }
    return plan;
  }

  private async write(em: EntityManager, { devices, machines, installations }: Plan, now: Date): Promise<void> {
    try {
      await this.store.hold(
        em,
        installations.map((installation) => installation.asset_id),
      );
      await this.store.insert(em, devices, machines, installations, now);
    } catch (error) {
      if (!taken.has(violatedConstraint(error) ?? '')) throw error;
      const text = 'a device or machine of the file was registered or installed in the same moment: try again';
      throw new DomainError('CONFLICT', text, [], { cause: error });
    }
    await this.index.run(
      em,
      devices.map((device) => device.id),
    );
    const names = new Map(devices.map((device) => [device.id, device.thing_name]));
    for (const { id, device_id: deviceId, asset_id: assetId, customer_id: customerId } of installations) {
      const thingName = names.get(deviceId) ?? '';
      await this.outbox.publish(em, deviceStateChanged, { deviceId, thingName, from: 'manufactured', to: 'claimed' });
      const from = now.getTime();
      await this.outbox.publish(em, deviceInstalled, { installationId: id, deviceId, assetId, customerId, from });
    }
  }
}

const taken = new Set([
  'device_thing_name_unique',
  'asset_model_id_serial_number_unique',
  'installation_one_asset_a_time',
  'installation_one_device_a_time',
]);

const place = (...parts: string[]): string => parts.join('\u0000');

type TellFault = (field: string, value: string, rule: string) => void;
type Machine = NonNullable<DeviceRow['machine']>;

function siteOf(
  { customer, site }: Machine,
  sites: ReadonlyMap<string, KnownSite[]>,
  customers: ReadonlySet<string>,
  fault: TellFault,
): KnownSite | undefined {
  const [found, ...others] = sites.get(place(customer, site)) ?? [];
  if (!found && !customers.has(customer)) fault('customer', customer, 'must be the name of a customer that has sites');
  else if (!found) fault('site', site, `must be the name of a site of ${customer}`);
  else if (others.length > 0) fault('site', site, `${customer} has ${others.length + 1} sites of this name`);
  return found;
}

function checkMachine(machine: KnownMachine, given: Machine, site: KnownSite, fault: TellFault): void {
  if (machine.retired) fault('serial_number', given.serialNumber, 'this machine is retired');
  if (machine.taken) fault('serial_number', given.serialNumber, 'this machine has a device: swap it instead');
  if (machine.siteId !== site.id) fault('site', given.site, 'this machine stands at another site');
}

/** Errors: INVALID_INPUT. */
function linesOf(csv: string): Line[] {
  if (Buffer.byteLength(csv) > importLimits.bytes)
    throw invalid({ field: 'csv', value: csv.slice(0, 20), rule: `must be at most ${importLimits.bytes} bytes` });
  try {
    // Spreadsheets of half of Europe write semicolons.
    const head = csv.slice(0, Math.max(0, csv.search(/[\r\n]|$/)));
    const delimiter = head.includes(';') && !head.includes(',') ? ';' : ',';
    const options = { bom: true, info: true, relax_column_count: true, skip_empty_lines: true, delimiter };
    const records = parse(csv, options) as unknown as { record: string[]; info: { lines: number } }[];
    return records.map(({ record, info }) => ({ row: info.lines, cells: record }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw invalid({ field: 'csv', value: csv.slice(0, 20), rule: `must be CSV: ${error.message}` });
  }
}
