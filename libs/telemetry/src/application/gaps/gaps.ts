import { Injectable } from '@nestjs/common';
import { Decimal, type Interval, interval, invalid } from '@throughline/kernel';
import { Database, type DataScope, everyCustomer } from '@throughline/platform';
import { type AssetGap, GapListStore } from '../../storage/gap-list.store.js';
import { MessageReader } from '../message-reader.js';

export type { AssetGap };

const MAX_DAYS = 800;

/** What was received of what the devices of an asset sent. */
export interface AssetCompleteness {
  readonly received: number;
  /** Known to be missing, lost ones among them. */
  readonly missing: number;
  readonly lost: number;
  /** False when some of it came without boot and seq, so that nobody can say what is missing. */
  readonly provable: boolean;
  /** Received of received and missing, 0 to 1; null when nothing was sent or it is not provable. */
  readonly share: Decimal | null;
}

/** What is missing of an asset. Errors: INVALID_INPUT for a period that ends before it begins or is longer than 800 days. */
@Injectable()
export class Gaps {
  constructor(
    private readonly database: Database,
    private readonly messages: MessageReader,
    private readonly gaps: GapListStore,
  ) {}

  /** The figure that statements carry too, of any period. `assetId` must be one that the asker may see. */
  async completeness(assetId: string, period: Interval): Promise<AssetCompleteness> {
    check(period);
    // The numbers around a hole may have been sent while the device stood elsewhere.
    return this.database.read(everyCustomer, async (em) => {
      const received = await this.messages.count(em, assetId, period);
      const missing = await this.messages.missing(em, assetId, period);
      const provable = !(await this.messages.hasLegacy(em, assetId, period));
      // What came for a range after it was lost may not have been taken off it yet.
      const lost = Math.min(missing, await this.gaps.lost(em, assetId, period));
      const sent = received + missing;
      const share =
        sent === 0 || !provable ? null : new Decimal(received).div(sent).toDecimalPlaces(6, Decimal.ROUND_DOWN);
      return { received, missing, lost, provable, share };
    });
  }

  /** The newest `limit` gaps of a period. */
  async ofAsset(scope: DataScope, assetId: string, period: Interval, limit: number): Promise<AssetGap[]> {
    check(period);
    return this.database.read(scope, (em) => this.gaps.ofAsset(em, assetId, period, limit));
  }
}

function check(period: Interval): void {
  interval(period.from, period.to, 'to');
  if (period.to - period.from > MAX_DAYS * 86_400_000)
    throw invalid({ field: 'to', value: new Date(period.to), rule: `must be at most ${MAX_DAYS} days after "from"` });
}
