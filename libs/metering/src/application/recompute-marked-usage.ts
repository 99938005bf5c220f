import { Injectable } from '@nestjs/common';
import { Database, everyCustomer, Logger } from '@throughline/platform';
import { DirtyStore } from '../storage/dirty.store.js';
import { RecomputeUsage } from './recompute-usage.js';

const BATCH = 50;
/** Named limit of one pass; what is left waits for the next. */
const MAX_ASSETS = 1_000;

/** Computes the windows of all marked assets, one transaction an asset. */
@Injectable()
export class RecomputeMarkedUsage {
  constructor(
    private readonly database: Database,
    private readonly dirty: DirtyStore,
    private readonly recompute: RecomputeUsage,
    private readonly logger: Logger,
  ) {}

  /**
   * Answers how many assets changed. An asset that fails keeps its marks and does not hold up the others; the first failure
   * is thrown at the end, so that the pass counts as failed.
   */
  async run(signal?: AbortSignal): Promise<number> {
    const done: string[] = [];
    const failures: unknown[] = [];
    let changed = 0;
    while (done.length < MAX_ASSETS) {
      const batch = await this.database.read(everyCustomer, (em) => this.dirty.assets(em, BATCH, done));
      if (batch.length === 0) break;
      for (const assetId of batch) {
        if (signal?.aborted) return changed;
        try {
          if ((await this.recompute.runMarked(assetId)) > 0) changed += 1;
        } catch (error) {
          this.logger.error({ err: error, assetId }, 'the usage of an asset could not be computed');
          failures.push(error);
        }
        done.push(assetId);
      }
    }
    if (failures.length > 0) throw failures[0];
    return changed;
  }
}
