import { Injectable } from '@nestjs/common';
import { Database, everyCustomer } from '@throughline/platform';
import { type DirtyRange, DirtyStore } from '../storage/dirty.store.js';

/** Notes that messages or timeline of assets changed, so that their windows are computed again soon. */
@Injectable()
export class MarkUsageDirty {
  constructor(
    private readonly database: Database,
    private readonly dirty: DirtyStore,
  ) {}

  async run(ranges: readonly DirtyRange[]): Promise<void> {
    if (ranges.length > 0) await this.database.transaction(everyCustomer, (em) => this.dirty.mark(em, ranges));
  }
}
