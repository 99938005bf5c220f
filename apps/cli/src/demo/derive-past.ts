import type { INestApplicationContext } from '@nestjs/common';
import { RecomputeTimeline } from '@throughline/availability';
import { Installations } from '@throughline/fleet';
import { RecomputeUsage } from '@throughline/metering';
import { Database, everyCustomer } from '@throughline/platform';
import { telemetryCommitted } from '@throughline/telemetry';
import type { DemoDevice } from './identities.js';

/**
 * Timelines and usage of the told past, so that every figure is there at the first look. What the outbox would have had the
 * worker do again for these messages is taken out of it.
 */
export async function derivePast(
  app: INestApplicationContext,
  devices: readonly DemoDevice[],
  detail: (text: string) => void,
): Promise<void> {
  const installations = await app.get(Installations).ofDevices(
    everyCustomer,
    devices.filter(({ sim }) => sim).map(({ id }) => id),
  );
  for (const [i, { assetId, from }] of installations.entries()) {
    detail(`timelines and usage, ${i + 1} of ${installations.length}`);
    const past = { from: from.getTime(), to: Date.now() };
    await app.get(RecomputeTimeline).run(assetId, past);
    await app.get(RecomputeUsage).run(assetId, past);
  }
  await app
    .get(Database)
    .transaction(everyCustomer, (em) =>
      em.execute('delete from outbox where kind = ? and name = ?', ['event', telemetryCommitted.name]),
    );
}
