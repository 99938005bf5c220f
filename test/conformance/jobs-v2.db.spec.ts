import { CancelIotJob, DeleteIotJob, TimeOutExecutions } from '@throughline/fleet';
import { everyCustomer } from '@throughline/platform';
import type { iotjobs } from 'aws-iot-device-sdk-v2';
import { type JobsWorld, jobsWorld, Rejected, until, type V2 } from './support/jobs-devices.js';

let w: JobsWorld;
beforeAll(async () => {
  w = await jobsWorld();
});
afterAll(() => w.close());

type Status = iotjobs.model.JobStatus;
const rejection = async (work: Promise<unknown>): Promise<iotjobs.model.V2ErrorResponse> => {
  const error: unknown = await work.then(
    () => new Error('was accepted'),
    (failed: unknown) => failed,
  );
  if (error instanceof Rejected) return error.modeled;
  throw error;
};
const later = (seconds: number): void => w.clock.set(new Date(w.clock.now().getTime() + seconds * 1000));
/** What came on the streams: "jobs <in progress>|<queued>" and "next <job>#<number> <status>". */
const heardBy = ({ events }: V2): string[] =>
  events.map(({ event, message = {} }) => {
    const { jobs, execution } = message as {
      jobs?: Partial<Record<'IN_PROGRESS' | 'QUEUED', iotjobs.model.JobExecutionSummary[]>>;
      execution?: iotjobs.model.JobExecutionData;
    };
    const ids = (list?: iotjobs.model.JobExecutionSummary[]) => (list ?? []).map(({ jobId }) => jobId).join(',');
    if (event === 'notify') return `jobs ${ids(jobs?.IN_PROGRESS)}|${ids(jobs?.QUEUED)}`;
    return `next ${execution ? `${execution.jobId}#${execution.executionNumber} ${execution.status}` : 'none'}`;
  });
const now = (): number => Math.floor(w.clock.now().getTime() / 1000);

describe('IotJobsClientv2 over MQTT 3.1.1 and TLS', () => {
  it('finds nothing to do, and is accepted all the same', async () => {
    await w.thing('idle');
    const device = await w.v2('idle');
    const thingName = 'idle';
    expect(await device.call('getPendingJobExecutions', { thingName })).toMatchObject({
      inProgressJobs: [],
      queuedJobs: [],
      timestamp: now(),
      clientToken: expect.any(String),
    });
    const next = await device.call('describeJobExecution', { thingName, jobId: '$next' });
    expect(next.execution).toBeUndefined();
    expect((await device.call('startNextPendingJobExecution', { thingName })).execution).toBeUndefined();
  });

  it('takes a job from the queue to its end: get, describe, start, progress, success', async () => {
    const thingName = 'worker';
    await w.thing(thingName);
    await w.job('life-1', [thingName], { inProgressTimeoutMinutes: 10 });
    const device = await w.v2(thingName);
    const queuedAt = now();
    const pending = await device.call('getPendingJobExecutions', { thingName });
    expect(pending.queuedJobs).toMatchObject([{ jobId: 'life-1', versionNumber: 1, executionNumber: 1 }]);
    const described = await device.call('describeJobExecution', { thingName, jobId: '$next' });
    expect(described.execution).toMatchObject({
      jobId: 'life-1',
      thingName,
      status: 'QUEUED' as Status,
      statusDetails: {},
      jobDocument: { operation: 'install', of: 'life-1' },
      queuedAt,
      versionNumber: 1,
      executionNumber: 1,
    });
    later(5);
    const begun = await device.call('startNextPendingJobExecution', {
      thingName,
      statusDetails: { step: 'download' },
      stepTimeoutInMinutes: 5,
    });
    expect(begun.execution).toMatchObject({
      status: 'IN_PROGRESS' as Status,
      statusDetails: { step: 'download' },
      startedAt: queuedAt + 5,
      versionNumber: 2,
      approximateSecondsBeforeTimedOut: 300,
      jobDocument: { operation: 'install', of: 'life-1' },
    });
    const again = await device.call('startNextPendingJobExecution', { thingName, statusDetails: { step: 'other' } });
    expect(again.execution).toMatchObject({ statusDetails: { step: 'download' }, versionNumber: 2 });
    const progress = await device.call('updateJobExecution', {
      thingName,
      jobId: 'life-1',
      status: 'IN_PROGRESS' as Status,
      statusDetails: { step: 'flash' },
      expectedVersion: 2,
      executionNumber: 1,
      includeJobExecutionState: true,
      includeJobDocument: true,
    });
    expect(progress).toMatchObject({
      executionState: { status: 'IN_PROGRESS' as Status, statusDetails: { step: 'flash' }, versionNumber: 3 },
      jobDocument: { operation: 'install', of: 'life-1' },
    });
    const done = await device.call('updateJobExecution', { thingName, jobId: 'life-1', status: 'SUCCEEDED' as Status });
    expect(done.executionState).toBeUndefined();
    expect(done.jobDocument).toBeUndefined();
    expect(await w.statuses(thingName)).toEqual(['life-1#1 SUCCEEDED']);
    expect((await w.rows<{ status: string }>("select status from iot_job where job_id = 'life-1'"))[0]?.status).toBe(
      'COMPLETED',
    );
  });

  it('is refused with a code and, where it helps, the state as it is', async () => {
    const thingName = 'refused';
    await w.thing(thingName);
    await w.job('no-1', [thingName]);
    const device = await w.v2(thingName);
    const update = (change: Partial<iotjobs.model.UpdateJobExecutionRequest>) =>
      device.call('updateJobExecution', { thingName, jobId: 'no-1', status: 'IN_PROGRESS' as Status, ...change });
    expect(await rejection(update({ expectedVersion: 7 }))).toMatchObject({
      code: 'VersionMismatch',
      message: 'Expected version 7 but current is 1',
      executionState: { status: 'QUEUED', statusDetails: {}, versionNumber: 1 },
      clientToken: expect.any(String),
      timestamp: now(),
    });
    expect(await rejection(update({ jobId: 'nobody' }))).toMatchObject({ code: 'ResourceNotFound' });
    expect(await rejection(update({ executionNumber: 2 }))).toMatchObject({ code: 'ResourceNotFound' });
    expect(await rejection(device.call('describeJobExecution', { thingName, jobId: 'nobody' }))).toMatchObject({
      code: 'ResourceNotFound',
    });
    expect(await rejection(update({ status: 'CANCELED' as Status }))).toMatchObject({ code: 'InvalidRequest' });
    expect(await rejection(update({ status: 'QUEUED' as Status }))).toMatchObject({
      code: 'InvalidStateTransition',
      executionState: { status: 'QUEUED' },
    });
    expect(await rejection(update({ statusDetails: { 'no blanks': 'x' } }))).toMatchObject({
      code: 'InvalidRequest',
      message: expect.stringContaining('statusDetails'),
    });
    expect(
      await rejection(device.call('startNextPendingJobExecution', { thingName, stepTimeoutInMinutes: 20_000 })),
    ).toMatchObject({ code: 'InvalidRequest', message: expect.stringContaining('stepTimeoutInMinutes') });
    await update({ status: 'FAILED' as Status, statusDetails: { reason: 'no-space' } });
    expect(await rejection(update({ expectedVersion: 9 }))).toMatchObject({
      code: 'InvalidStateTransition',
      executionState: { status: 'FAILED', statusDetails: { reason: 'no-space' }, versionNumber: 2 },
    });
    expect(await rejection(device.call('describeJobExecution', { thingName, jobId: 'no-1' }))).toMatchObject({
      code: 'TerminalStateReached',
    });
  });

  it('hears of its jobs on both streams: queued, next, cancelled, deleted, timed out and tried again, and none any more', async () => {
    const thingName = 'listener';
    await w.thing(thingName);
    const device = await w.v2(thingName);
    await device.listen();
    const hears = async (work: () => Promise<unknown>, ...what: string[]): Promise<void> => {
      device.events.length = 0;
      await work();
      await until(() => device.events.length >= what.length);
      expect(heardBy(device).toSorted()).toEqual(what.toSorted());
      later(1);
    };
    const cancel = (id: string) => w.module.get(CancelIotJob).run(everyCustomer, { id, force: true });
    const update = (jobId: string, status: string) =>
      device.call('updateJobExecution', { thingName, jobId, status: status as Status });
    await hears(() => w.job('s-1', [thingName]), 'jobs |s-1', 'next s-1#1 QUEUED');
    await hears(() => w.job('s-2', [thingName]), 'jobs |s-1,s-2');
    const third = await w.job('s-3', [thingName]);
    await until(() => heardBy(device).includes('jobs |s-1,s-2,s-3'));
    await device.call('startNextPendingJobExecution', { thingName });
    await hears(() => update('s-1', 'SUCCEEDED' as Status), 'jobs |s-2,s-3', 'next s-2#1 QUEUED');
    await hears(() => update('s-3', 'IN_PROGRESS' as Status), 'next s-3#1 IN_PROGRESS');
    await hears(() => cancel(third.id), 'jobs |s-2', 'next s-2#1 QUEUED');
    await hears(
      () =>
        w.module
          .get(DeleteIotJob)
          .run(everyCustomer, { id: third.id })
          .then(() => update('s-2', 'REJECTED' as Status)),
      'jobs |',
      'next none',
    );
    await hears(
      () =>
        w.job('s-4', [thingName], {
          inProgressTimeoutMinutes: 1,
          retries: [{ failureType: 'TIMED_OUT', numberOfRetries: 1 }],
        }),
      'jobs |s-4',
      'next s-4#1 QUEUED',
    );
    await device.call('startNextPendingJobExecution', { thingName });
    later(61);
    await hears(() => w.module.get(TimeOutExecutions).run(), 'jobs |s-4', 'next s-4#2 QUEUED');
    expect((await device.call('describeJobExecution', { thingName, jobId: 's-4' })).execution).toMatchObject({
      executionNumber: 2,
      versionNumber: 1,
      status: 'QUEUED' as Status,
    });
  });

  it('of another thing gets no answer: the connection ends, and nothing of that thing is told or changed', async () => {
    await w.thing('victim');
    await w.thing('thief');
    await w.job('secret-1', ['victim']);
    const device = await w.v2('thief');
    await expect(
      device.call('updateJobExecution', { thingName: 'victim', jobId: 'secret-1', status: 'SUCCEEDED' as Status }),
    ).rejects.toThrow();
    await until(() => device.events.some(({ event }) => event === 'interrupt'));
    expect(await w.statuses('victim')).toEqual(['secret-1#1 QUEUED']);
  });
});
