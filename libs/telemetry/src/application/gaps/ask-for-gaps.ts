import { Injectable } from '@nestjs/common';
import { deviceLifeCycle, deviceStates } from '@throughline/fleet';
import { Clock } from '@throughline/kernel';
import { Database, Downlink, type EntityManager, everyCustomer } from '@throughline/platform';
import { MAX_RANGES_ASKED, nextStep, pauseAfter } from '../../domain/ask-again.js';
import type { NumberRange } from '../../domain/number-ranges.js';
import { GapStore } from '../../storage/gap.store.js';
import { type DueRange, GapAskStore } from '../../storage/gap-ask.store.js';
import { LookForGaps } from './look-for-gaps.js';

const DEVICES_A_RUN = 500;

/** Asks connected devices for what they sent and we have not, again with growing pauses, and gives up at last. */
@Injectable()
export class AskForGaps {
  private readonly speaking = deviceStates.filter((state) => deviceLifeCycle[state].messages === 'stored');

  constructor(
    private readonly database: Database,
    private readonly due: GapAskStore,
    private readonly gaps: GapStore,
    private readonly look: LookForGaps,
    private readonly downlink: Downlink,
    private readonly clock: Clock,
  ) {}

  /** Asks every connected device whose pause is over; one transaction each boot. */
  async run(signal?: AbortSignal): Promise<void> {
    const boots = await this.database.read(everyCustomer, (em) =>
      this.due.boots(em, this.clock.now(), this.speaking, DEVICES_A_RUN),
    );
    for (const key of boots) {
      if (signal?.aborted) return;
      await this.database.transaction(everyCustomer, async (em) => {
        await this.gaps.lock(em, key);
        const ranges = await this.due.ranges(em, key, this.clock.now(), MAX_RANGES_ASKED);
        const lost = ranges.filter((range) => nextStep(range, this.clock.now().getTime()) === 'lost');
        const asked = ranges.filter((range) => !lost.includes(range));
        if (asked.length > 0) await this.ask(em, key, asked);
        if (lost.length > 0) await this.giveUp(em, key, lost);
      });
    }
  }

  private async ask(
    em: EntityManager,
    { thingName, ...key }: { deviceId: string; boot: number; thingName: string },
    ranges: readonly DueRange[],
  ): Promise<void> {
    const now = this.clock.now();
    await this.due.asked(
      em,
      key,
      ranges.map(({ from, asked }) => ({ from, askAt: new Date(now.getTime() + pauseAfter(asked + 1)) })),
      now,
    );
    const pairs = ranges.map(({ from, to }): NumberRange => [from, to]);
    await this.downlink.send(em, [
      { topic: `cmd/${thingName}/telemetry/resend`, payload: JSON.stringify({ boot: key.boot, ranges: pairs }) },
    ]);
  }

  private async giveUp(
    em: EntityManager,
    key: { deviceId: string; boot: number },
    lost: readonly DueRange[],
  ): Promise<void> {
    await this.due.lost(
      em,
      key,
      lost.map(({ from }) => from),
      this.clock.now(),
    );
    const known = await this.gaps.load(em, key);
    if (known) await this.look.settle(em, key, known, known);
  }
}
