import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, Downlink, type EntityManager, everyCustomer } from '@throughline/platform';
import { FIRST_ASK_MS } from '../../domain/ask-again.js';
import { type BootGaps, rangeOf, reconciled } from '../../domain/boot-gaps.js';
import { type BootKey, type GapHistory, GapStore, type StoredBoot } from '../../storage/gap.store.js';

/** Boots of one run; those looked at longest ago come first. */
const BOOTS_A_RUN = 2_000;

/** Keeps the record of missing numbers in step with the messages that are stored. */
@Injectable()
export class LookForGaps {
  constructor(
    private readonly database: Database,
    private readonly store: GapStore,
    private readonly downlink: Downlink,
    private readonly clock: Clock,
  ) {}

  /** Looks at every boot of which something came since the last time; one transaction each. */
  async run(signal?: AbortSignal): Promise<void> {
    const boots = await this.database.read(everyCustomer, (em) => this.store.toLookAt(em, BOOTS_A_RUN));
    for (const key of boots) {
      if (signal?.aborted) return;
      await this.database.transaction(everyCustomer, async (em) => {
        await this.store.lock(em, key);
        const known = await this.store.load(em, key);
        if (known) await this.settle(em, key, known, known);
      });
    }
  }

  /**
   * Compares what is `changed` of a boot with its messages and writes what differs from `known`. When the prefix goes on,
   * over what came or over what is lost, the device is told. Within the transaction that holds the boot's lock.
   */
  async settle(em: EntityManager, key: BootKey, known: StoredBoot, changed: BootGaps<GapHistory>): Promise<void> {
    const now = this.clock.now();
    const base = Math.max(changed.contiguous, changed.checked);
    const inGaps = await this.store.storedIn(em, key, changed.gaps.map(rangeOf));
    const above = await this.store.storedIn(em, key, known.highest > base ? [[base + 1, known.highest]] : []);
    const after = reconciled(changed, {
      inGaps: inGaps.ranges,
      above: above.ranges,
      readTo: Math.min(known.highest, above.readTo),
      highest: known.highest,
    });
    await this.store.save(em, key, known, after, found(now.getTime()), now);
    if (after.contiguous > known.contiguous)
      await this.downlink.send(em, [
        {
          topic: `cmd/${known.thingName}/telemetry/committed`,
          payload: JSON.stringify({ boot: key.boot, seq: after.contiguous }),
        },
      ]);
  }
}

const found = (now: number): GapHistory => ({
  reason: null,
  foundAt: now,
  asked: 0,
  firstAskedAt: null,
  askAt: now + FIRST_ASK_MS,
  lostAt: null,
});
