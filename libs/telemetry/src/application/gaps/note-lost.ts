import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer, Logger } from '@throughline/platform';
import { givenUp } from '../../domain/boot-gaps.js';
import { merged } from '../../domain/number-ranges.js';
import type { ToldLost } from '../../domain/told-lost.js';
import { GapStore } from '../../storage/gap.store.js';
import { LookForGaps } from './look-for-gaps.js';

/** Ranges kept of one boot: a device that tells of more is not believed any more. */
const MAX_RANGES_OF_BOOT = 10_000;

/** A device has said that it does not have messages any more: what of them is not stored is lost. */
@Injectable()
export class NoteLost {
  constructor(
    private readonly database: Database,
    private readonly store: GapStore,
    private readonly look: LookForGaps,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  async run({ deviceId, boot, ranges }: ToldLost & { deviceId: string }): Promise<void> {
    const key = { deviceId, boot };
    await this.database.transaction(everyCustomer, async (em) => {
      await this.store.lock(em, key);
      const known = await this.store.load(em, key);
      if (!known) return;
      if (known.gaps.length > MAX_RANGES_OF_BOOT)
        return this.logger.warn({ ...key, thingName: known.thingName }, 'told of too many lost ranges: not kept');
      const stored = await this.store.storedIn(em, key, merged(ranges));
      const now = this.clock.now().getTime();
      const told = { reason: 'told', foundAt: now, asked: 0, firstAskedAt: null, askAt: null, lostAt: now } as const;
      await this.look.settle(em, key, known, givenUp(known, ranges, stored.ranges, stored.readTo, told));
    });
  }
}
