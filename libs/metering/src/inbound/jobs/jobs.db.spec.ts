import { AvailabilityJobsModule, availabilityJobs } from '@throughline/availability/jobs';
import { everyCustomer, type JobDeclaration, JobRegistry, runJob } from '@throughline/platform';
import { testModule } from '../../../../../test/support/database.js';
import { machines } from '../../../../../test/support/machines.js';
import { RegisterMeter } from '../../application/register-meter.js';
import { Usage } from '../../application/usage.js';
import { MeteringJobsModule, meteringJobs } from './index.js';

const START = Date.parse('2026-03-02T06:00:00Z');

describe('the jobs of availability and metering', () => {
  it('lead from committed messages to windows, each as the worker runs it', async () => {
    const context = await testModule([AvailabilityJobsModule, MeteringJobsModule]);
    const handlers = context.module
      .get(JobRegistry)
      .complete([...availabilityJobs, ...meteringJobs] as JobDeclaration<never>[]);
    const run = async (name: string, payload: unknown = {}) => {
      const handled = handlers.get(name);
      if (!handled) throw new Error(`no job ${name}`);
      await runJob(handled, payload, 'test', 1);
    };
    const world = await machines(context);
    await context.module.get(RegisterMeter, { strict: false }).run(world.model.id, {
      name: 'loaded_s',
      title: 'Time under load',
      definition: { type: 'time_in_state', states: ['loaded'] },
    });
    const { asset, device } = await world.machine('J-1');
    const message = { deviceId: device.id, boot: 1, seq: 1, ts: START, state: 2 };
    await world.commit(asset.id, [message]);
    const committed = { ranges: [{ assetId: asset.id, from: START, to: START, messages: 1 }] };
    const nobody = { assetId: '00000000-0000-7000-8000-000000000001', from: START, to: START, messages: 1 };

    await run('availability.mark-timeline-dirty', { ranges: [...committed.ranges, nobody] });
    await run('metering.mark-usage-of-messages', { ranges: [...committed.ranges, nobody] });
    await run('metering.recompute-usage');
    await run('availability.recompute-timelines');
    const [event] = await world.rows<{ payload: object }>(
      `select payload from outbox where name = 'availability.timeline-changed'`,
    );
    await run('metering.mark-usage-of-timeline', event?.payload);
    await run('metering.recompute-usage');
    await run('availability.signal-silence');
    await run('availability.signal-presence', { deviceId: device.id, assetId: asset.id, from: START, to: null });

    const interval = { from: START, to: START + 3_600_000 };
    const [total] = await context.module
      .get(Usage, { strict: false })
      .totals(everyCustomer, { assetIds: [asset.id], interval });
    expect(total?.quantity.toString()).toBe('180');
    await context.close();
  });
});
