import { Injectable } from '@nestjs/common';
import { HOUR_MS, type Interval, invalid, type Quantity } from '@throughline/kernel';
import {
  type Connection,
  connectionOf,
  Database,
  type DataScope,
  decodeCursor,
  type PageRequest,
} from '@throughline/platform';
import type { Meter } from '../domain/meter.js';
import type { EvidencedWindow, Quality } from '../domain/window.js';
import { MeterStore } from '../storage/meter.store.js';
import { type UsageQuery, UsageStore, type UsageSum, type WindowKey } from '../storage/usage.store.js';

/** What an asset used of a meter. */
export interface UsageTotal {
  readonly assetId: string;
  readonly meter: Meter;
  readonly quantity: Quantity;
  /** The weakest of its windows': edited, then estimated. */
  readonly quality: Quality;
  readonly windows: number;
  readonly estimated: number;
  readonly messages: number;
}

const LIST = 'usage-windows';
const MAX_DAYS = 400;

/**
 * Reads usage. A window belongs to an interval when its hour begins in it, so adjoining intervals share no window and their
 * totals add up. The window of an hour that still runs changes as messages come in and is not kept in versions.
 */
@Injectable()
export class Usage {
  constructor(
    private readonly database: Database,
    private readonly meters: MeterStore,
    private readonly usage: UsageStore,
  ) {}

  /** By asset, meter, hour. */
  async windows(scope: DataScope, query: UsageQuery): Promise<EvidencedWindow[]> {
    checked(query.interval);
    return this.database.read(scope, (em) => this.usage.windows(em, query));
  }

  /** A page of the same list. */
  async page(scope: DataScope, query: UsageQuery, page: PageRequest): Promise<Connection<EvidencedWindow>> {
    checked(query.interval);
    const after =
      page.after === undefined ? undefined : keyOf(decodeCursor(LIST, page.after, ['string', 'string', 'number']));
    const { rows, total } = await this.database.read(scope, async (em) => ({
      rows: await this.usage.windows(em, query, { after, limit: page.first + 1 }),
      total: (await this.usage.sums(em, query)).reduce((count, sum) => count + sum.windows, 0),
    }));
    return connectionOf(
      LIST,
      rows,
      page,
      total,
      (w) => [w.assetId, w.meter, w.hour],
      (w) => w,
    );
  }

  /** Whether windows of these assets and hours changed at or after a stored time. */
  async changedSince(
    scope: DataScope,
    query: Pick<UsageQuery, 'assetIds' | 'interval'>,
    since: Date,
  ): Promise<boolean> {
    return this.database.read(scope, (em) => this.usage.changedSince(em, query, since));
  }

  /** One total an asset and meter with windows in the interval. */
  async totals(scope: DataScope, query: UsageQuery): Promise<UsageTotal[]> {
    checked(query.interval);
    return this.database.read(scope, async (em) => {
      const sums = await this.usage.sums(em, query);
      const meters = await this.meters.byIds(em, [...new Set(sums.map((sum) => sum.meterId))]);
      const byId = new Map(meters.map((meter) => [meter.id, meter]));
      return sums.flatMap((sum) => {
        const meter = byId.get(sum.meterId);
        return meter ? [toTotal(sum, meter)] : [];
      });
    });
  }
}

const toTotal = ({ assetId, quantity, windows, estimated, edited, messages }: UsageSum, meter: Meter): UsageTotal => ({
  assetId,
  meter,
  quantity,
  quality: edited > 0 ? 'edited' : estimated > 0 ? 'estimated' : 'measured',
  windows,
  estimated,
  messages,
});

const keyOf = ([assetId, meter, hour]: readonly (string | number)[]): WindowKey => ({
  assetId: String(assetId),
  meter: String(meter),
  hour: Number(hour),
});

function checked({ from, to }: Interval): void {
  if (to < from) throw invalid({ field: 'to', value: new Date(to), rule: 'must not be before "from"' });
  if (to - from > MAX_DAYS * 24 * HOUR_MS)
    throw invalid({ field: 'to', value: new Date(to), rule: `must be at most ${MAX_DAYS} days after "from"` });
}
