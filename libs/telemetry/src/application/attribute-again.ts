import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer, Outbox } from '@throughline/platform';
import { AttributionStore } from '../storage/attribution.store.js';
import { attributeAgainLater } from './attribute-again-later.js';
import { telemetryCommitted } from './events.js';

/** Longer than any gateway remembers an installation that has ended. */
const REMEMBERED_MS = 20_000;

/**
 * Messages belong to the asset their device was installed on at their event time. Ingest attributes them as it stores them;
 * when an installation begins or ends afterwards, or in the past, those that are stored follow.
 */
@Injectable()
export class AttributeAgain {
  constructor(
    private readonly database: Database,
    private readonly store: AttributionStore,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** After a change since `from` (ms); and once more when every gateway knows of it. */
  async afterChange(deviceId: string, from: number): Promise<void> {
    await this.run(deviceId, from);
    const notBefore = new Date(this.clock.now().getTime() + REMEMBERED_MS);
    await this.database.transaction(everyCustomer, (em) =>
      this.outbox.enqueue(em, attributeAgainLater, { deviceId, from }, { notBefore }),
    );
  }

  /** Sets the owner of each message since `from` right and tells of the assets that lost or won messages. */
  async run(deviceId: string, from: number): Promise<void> {
    await this.database.transaction(everyCustomer, async (em) => {
      const ranges = await this.store.correct(em, deviceId, from);
      if (ranges.length > 0) await this.outbox.publish(em, telemetryCommitted, { ranges });
    });
  }
}
