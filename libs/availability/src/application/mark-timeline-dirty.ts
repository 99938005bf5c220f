import { Injectable } from '@nestjs/common';
import { Database, everyCustomer } from '@throughline/platform';
import { type DirtyRange, DirtyStore } from '../storage/dirty.store.js';

/** Notes that messages of assets changed, so that their timeline is derived again soon. */
@Injectable()
export class MarkTimelineDirty {
  constructor(
    private readonly database: Database,
    private readonly dirty: DirtyStore,
  ) {}

  async run(ranges: readonly DirtyRange[]): Promise<void> {
    if (ranges.length > 0) await this.database.transaction(everyCustomer, (em) => this.dirty.mark(em, ranges));
  }
}
