import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { noShadow } from '../../domain/shadow/refusal.js';
import type { Shadow } from '../../domain/shadow/shadow.js';
import { ShadowStore } from '../../storage/shadow.store.js';
import { headOf, type ShadowKey } from './shadow-heads.js';

@Injectable()
export class GetShadow {
  constructor(
    private readonly database: Database,
    private readonly shadows: ShadowStore,
    private readonly clock: Clock,
  ) {}

  /** The shadow and the instant it was read. Errors: ShadowRefusal 404. */
  async run(scope: DataScope, key: ShadowKey): Promise<{ shadow: Shadow; at: Date }> {
    const at = this.clock.now();
    const row = await this.database.read(scope, (em) => this.shadows.find(em, key));
    const { shadow } = headOf(row, at);
    if (!shadow) throw noShadow(key.thingName, key.name);
    return { shadow, at };
  }
}
