import { Injectable } from '@nestjs/common';
import { Database, type DataScope } from '@throughline/platform';
import { csvCell, exportOnlyColumns, importColumns } from '../domain/device-rows.js';
import type { DeviceFacts } from '../domain/query/facts.js';
import { DeviceIndexStore } from '../storage/device-index.store.js';
import { SearchDevices } from './search-devices.js';

const PART = 500;

/** Devices as CSV in the columns of an import, with what only the system knows after them. */
@Injectable()
export class ExportDevices {
  constructor(
    private readonly database: Database,
    private readonly search: SearchDevices,
    private readonly index: DeviceIndexStore,
  ) {}

  /**
   * Those that match the query, by thing name, line by line as they are read, 500 devices at a time. Errors: INVALID_INPUT for the
   * query, before the first line.
   */
  async run(scope: DataScope, query: string): Promise<AsyncIterable<string>> {
    return this.lines(scope, await this.search.parts(scope, query, PART));
  }

  private async *lines(scope: DataScope, parts: AsyncIterable<{ id: string }[]>): AsyncGenerator<string> {
    yield line([...importColumns, ...exportOnlyColumns]);
    for await (const devices of parts) {
      const ids = devices.map((device) => device.id);
      const facts = await this.database.read(scope, (em) => this.index.facts(em, ids));
      const byId = new Map(facts.map((row) => [row.deviceId, row.facts]));
      for (const id of ids) {
        const row = byId.get(id);
        if (row) yield line(cells(row));
      }
    }
  }
}

const cells = (facts: DeviceFacts): string[] => [
  facts.thingName,
  facts.model,
  facts.assetSerialNumber ?? '',
  facts.assetName ?? '',
  facts.customerName ?? '',
  facts.siteName ?? '',
  facts.assetLocation ?? '',
  facts.loan ? 'true' : '',
  Object.entries(facts.tags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(';'),
  facts.state,
  facts.firmware ?? '',
  String(facts.connected),
  facts.connectivityAt === null ? '' : new Date(facts.connectivityAt).toISOString(),
];

const line = (values: readonly string[]): string => `${values.map(csvCell).join(',')}\r\n`;
