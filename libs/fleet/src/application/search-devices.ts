import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import {
  type Connection,
  connectionOf,
  Database,
  type DataScope,
  decodeCursor,
  type EntityManager,
  type PageRequest,
} from '@throughline/platform';
import type { DeviceOrder } from '../domain/device-order.js';
import type { Device } from '../domain/registry.js';
import { DeviceStore } from '../storage/device.store.js';
import { DeviceSearchStore, type Wanted } from '../storage/device-search.store.js';
import { ReadQuery } from './read-query.js';

/** Matches are counted up to this number; beyond it one only knows that there are more. */
export const COUNT_CAP = 1_000;

export interface MatchCount {
  readonly count: number;
  /** True when there are more matches than that. */
  readonly more: boolean;
}

/** A page of matches; they are counted when that is asked for, which costs as much as the page. */
export interface DeviceSearch extends Omit<Connection<Device>, 'totalCount'> {
  total(): Promise<MatchCount>;
}

/** Devices that match a query (`domain/query`), of those one may see. */
@Injectable()
export class SearchDevices {
  constructor(
    private readonly database: Database,
    private readonly search: DeviceSearchStore,
    private readonly devices: DeviceStore,
    private readonly queries: ReadQuery,
    private readonly clock: Clock,
  ) {}

  /** A page in an order. Errors: INVALID_INPUT for the query (naming the position) or the cursor. */
  async page(scope: DataScope, text: string, order: DeviceOrder, page: PageRequest): Promise<DeviceSearch> {
    const list = `searchDevices ${order.by} ${order.descending ? 'desc' : 'asc'}`;
    const type = order.by === 'lastSeenAt' ? 'number' : 'string';
    const [key, thingName] = page.after === undefined ? [] : decodeCursor(list, page.after, [type, 'string']);
    const after = key === undefined ? undefined : { key, thingName: String(thingName) };
    return this.database.read(scope, async (em) => {
      const wanted = await this.wanted(em, scope, text);
      const rows = await this.search.page(em, wanted, order, page.first + 1, after);
      const ids = rows.map((row) => row.deviceId);
      const devices = new Map((await this.devices.byIds(em, ids)).map((device) => [device.id, device]));
      const there = rows.flatMap((row) => {
        const device = devices.get(row.deviceId);
        return device ? [{ ...row, device }] : [];
      });
      const { edges, pageInfo } = connectionOf(
        list,
        there,
        page,
        rows.length,
        (row) => [row.key, row.thingName],
        (row) => row.device,
      );
      const known = after === undefined && rows.length <= page.first ? rows.length : undefined;
      return { edges, pageInfo, total: once(() => this.total(wanted, known)) };
    });
  }

  private async wanted(em: EntityManager, scope: DataScope, text: string): Promise<Wanted> {
    return { query: await this.queries.run(em, text), now: this.clock.now().getTime(), scope };
  }

  private async total(wanted: Wanted, known: number | undefined): Promise<MatchCount> {
    const counted = known ?? (await this.database.read(wanted.scope, (em) => this.search.count(em, wanted, COUNT_CAP)));
    return { count: Math.min(counted, COUNT_CAP), more: counted > COUNT_CAP };
  }

  /** How many match, at most `cap` and one more. Errors: INVALID_INPUT. */
  async count(scope: DataScope, text: string, cap: number): Promise<number> {
    return this.database.read(scope, async (em) => this.search.count(em, await this.wanted(em, scope, text), cap));
  }

  /** All that match, by thing name, in parts of at most `size`; each part is read when it is asked for. Errors: INVALID_INPUT. */
  async parts(scope: DataScope, text: string, size: number): Promise<AsyncGenerator<Device[]>> {
    return this.partsOf(await this.database.read(scope, (em) => this.wanted(em, scope, text)), size);
  }

  private async *partsOf(wanted: Wanted, size: number): AsyncGenerator<Device[]> {
    let after: string | undefined;
    for (;;) {
      const rows = await this.database.read(wanted.scope, (em) => this.part(em, wanted, size, after));
      if (rows.length > 0) yield rows;
      after = rows.at(-1)?.thingName;
      if (rows.length < size) return;
    }
  }

  private async part(em: EntityManager, wanted: Wanted, size: number, after?: string): Promise<Device[]> {
    const order = { by: 'thingName', descending: false } as const;
    const place = after === undefined ? undefined : { key: after, thingName: after };
    const rows = await this.search.page(em, wanted, order, size, place);
    const devices = new Map(
      (
        await this.devices.byIds(
          em,
          rows.map((row) => row.deviceId),
        )
      ).map((device) => [device.id, device]),
    );
    return rows.flatMap((row) => devices.get(row.deviceId) ?? []);
  }
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let begun: Promise<T> | undefined;
  return () => {
    begun ??= work();
    return begun;
  };
}
