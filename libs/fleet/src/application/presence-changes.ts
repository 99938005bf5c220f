import { Injectable } from '@nestjs/common';
import { type EntityManager, Outbox } from '@throughline/platform';
import { InstallationStore } from '../storage/installation.store.js';
import { type PresenceChanged, presenceChanged } from './events.js';

/** Tells of presence that is known otherwise since an instant, once for each asset concerned. */
@Injectable()
export class PresenceChanges {
  constructor(
    private readonly outbox: Outbox,
    private readonly installations: InstallationStore,
  ) {}

  /** `from` in ms since the epoch. */
  async since(em: EntityManager, changes: readonly { deviceId: string; from: number }[]): Promise<void> {
    const installations = await this.installations.ofDevices(
      em,
      changes.map((c) => c.deviceId),
    );
    const news: PresenceChanged[] = [];
    for (const { deviceId, from } of changes) {
      const concerned = installations.filter(
        (i) => i.deviceId === deviceId && (i.to === null || i.to.getTime() > from),
      );
      if (concerned.length === 0) news.push({ deviceId, from, to: null });
      for (const i of concerned)
        news.push({
          deviceId,
          assetId: i.assetId,
          from: Math.max(from, i.from.getTime()),
          to: i.to?.getTime() ?? null,
        });
    }
    await this.outbox.publishAll(em, presenceChanged, news);
  }
}
