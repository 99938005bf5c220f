import { CancelIotJob, DeleteIotJob, TimeOutExecutions } from '@throughline/fleet';
import { everyCustomer } from '@throughline/platform';
import { iotjobs } from 'aws-iot-device-sdk-v2';
import { type JobsWorld, jobsWorld, until } from './support/jobs-devices.js';

let w: JobsWorld;
beforeAll(async () => {
  w = await jobsWorld();
});
afterAll(() => w.close());

const { JobStatus } = iotjobs.model;
/** The SDK's SubscriptionStatusEventType.SubscriptionEstablished, which it exports as a type only. */
const ESTABLISHED = 0;
/** What the service answered when it rejected a request. */
const rejection = async (work: Promise<unknown>): Promise<iotjobs.model.V2ErrorResponse> => {
  const error = await work.then(
    () => {
      throw new Error('was accepted');
    },
    (failed: { modeledError?: iotjobs.model.V2ErrorResponse }) => failed,
  );
  if (!error.modeledError) throw error;
  return error.modeledError;
};
const later = (seconds: number): void => w.clock.set(new Date(w.clock.now().getTime() + seconds * 1000));
const now = (): number => Math.floor(w.clock.now().getTime() / 1000);

describe('IotJobsClientv2 over MQTT 3.1.1 and TLS', () => {
  it('finds nothing to do, and is accepted all the same', async () => {
    await w.thing('idle');
    const { jobs } = await w.v2('idle');
    const thingName = 'idle';
    expect(await jobs.getPendingJobExecutions({ thingName })).toMatchObject({
      inProgressJobs: [],
      queuedJobs: [],
      timestamp: now(),
      clientToken: expect.any(String),
    });
    const next = await jobs.describeJobExecution({ thingName, jobId: '$next' });
    expect(next.execution).toBeUndefined();
    expect((await jobs.startNextPendingJobExecution({ thingName })).execution).toBeUndefined();
  });

  it('takes a job from the queue to its end: get, describe, start, progress, success', async () => {
    const thingName = 'worker';
    await w.thing(thingName);
    await w.job('life-1', [thingName], { inProgressTimeoutMinutes: 10 });
    const { jobs } = await w.v2(thingName);
    const queuedAt = now();
    const pending = await jobs.getPendingJobExecutions({ thingName });
    expect(pending.queuedJobs).toMatchObject([{ jobId: 'life-1', versionNumber: 1, executionNumber: 1 }]);
    const described = await jobs.describeJobExecution({ thingName, jobId: '$next' });
    expect(described.execution).toMatchObject({
      jobId: 'life-1',
      thingName,
      status: JobStatus.QUEUED,
      statusDetails: {},
      jobDocument: { operation: 'install', of: 'life-1' },
      queuedAt,
      versionNumber: 1,
      executionNumber: 1,
    });
    later(5);
    const begun = await jobs.startNextPendingJobExecution({
      thingName,
      statusDetails: { step: 'download' },
      stepTimeoutInMinutes: 5,
    });
    expect(begun.execution).toMatchObject({
      status: JobStatus.IN_PROGRESS,
      statusDetails: { step: 'download' },
      startedAt: queuedAt + 5,
      versionNumber: 2,
      approximateSecondsBeforeTimedOut: 300,
      jobDocument: { operation: 'install', of: 'life-1' },
    });
    const again = await jobs.startNextPendingJobExecution({ thingName, statusDetails: { step: 'other' } });
    expect(again.execution).toMatchObject({ statusDetails: { step: 'download' }, versionNumber: 2 });
    const progress = await jobs.updateJobExecution({
      thingName,
      jobId: 'life-1',
      status: JobStatus.IN_PROGRESS,
      statusDetails: { step: 'flash' },
      expectedVersion: 2,
      executionNumber: 1,
      includeJobExecutionState: true,
      includeJobDocument: true,
    });
    expect(progress).toMatchObject({
      executionState: { status: JobStatus.IN_PROGRESS, statusDetails: { step: 'flash' }, versionNumber: 3 },
      jobDocument: { operation: 'install', of: 'life-1' },
    });
    const done = await jobs.updateJobExecution({ thingName, jobId: 'life-1', status: JobStatus.SUCCEEDED });
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
    const { jobs } = await w.v2(thingName);
    const update = (change: Partial<iotjobs.model.UpdateJobExecutionRequest>) =>
      jobs.updateJobExecution({ thingName, jobId: 'no-1', status: JobStatus.IN_PROGRESS, ...change });
    expect(await rejection(update({ expectedVersion: 7 }))).toMatchObject({
      code: 'VersionMismatch',
      message: 'Expected version 7 but current is 1',
      executionState: { status: 'QUEUED', statusDetails: {}, versionNumber: 1 },
      clientToken: expect.any(String),
      timestamp: now(),
    });
    expect(await rejection(update({ jobId: 'nobody' }))).toMatchObject({ code: 'ResourceNotFound' });
    expect(await rejection(update({ executionNumber: 2 }))).toMatchObject({ code: 'ResourceNotFound' });
    expect(await rejection(jobs.describeJobExecution({ thingName, jobId: 'nobody' }))).toMatchObject({
      code: 'ResourceNotFound',
    });
    expect(await rejection(update({ status: JobStatus.CANCELED }))).toMatchObject({ code: 'InvalidRequest' });
    expect(await rejection(update({ status: JobStatus.QUEUED }))).toMatchObject({
      code: 'InvalidStateTransition',
      executionState: { status: 'QUEUED' },
    });
    expect(await rejection(update({ statusDetails: { 'no blanks': 'x' } }))).toMatchObject({
      code: 'InvalidRequest',
      message: expect.stringContaining('statusDetails'),
    });
    expect(
      await rejection(jobs.startNextPendingJobExecution({ thingName, stepTimeoutInMinutes: 20_000 })),
    ).toMatchObject({ code: 'InvalidRequest', message: expect.stringContaining('stepTimeoutInMinutes') });
    await update({ status: JobStatus.FAILED, statusDetails: { reason: 'no-space' } });
    expect(await rejection(update({ expectedVersion: 9 }))).toMatchObject({
      code: 'InvalidStateTransition',
      executionState: { status: 'FAILED', statusDetails: { reason: 'no-space' }, versionNumber: 2 },
    });
    expect(await rejection(jobs.describeJobExecution({ thingName, jobId: 'no-1' }))).toMatchObject({
      code: 'TerminalStateReached',
    });
  });

  it('hears of its jobs on both streams: queued, next, cancelled, deleted, timed out and tried again, and none any more', async () => {
    const thingName = 'listener';
    await w.thing(thingName);
    const { jobs } = await w.v2(thingName);
    const heard: string[] = [];
    const entries = (list?: iotjobs.model.JobExecutionSummary[]) => (list ?? []).map((one) => one.jobId).join(',');
    const changed = jobs.createJobExecutionsChangedStream({ thingName });
    const next = jobs.createNextJobExecutionChangedStream({ thingName });
    changed.on('incomingPublish', ({ message }) => {
      const { IN_PROGRESS, QUEUED } = (message.jobs ?? {}) as Record<string, iotjobs.model.JobExecutionSummary[]>;
      heard.push(`jobs ${entries(IN_PROGRESS)}|${entries(QUEUED)}`);
    });
    next.on('incomingPublish', ({ message: { execution } }) =>
      heard.push(`next ${execution ? `${execution.jobId}#${execution.executionNumber} ${execution.status}` : 'none'}`),
    );
    let established = 0;
    for (const stream of [changed, next])
      stream.on('subscriptionStatus', ({ type }) => {
        if (type === ESTABLISHED) established += 1;
      });
    changed.open();
    next.open();
    await until(() => established === 2);
    const hears = async (work: () => Promise<unknown>, ...what: string[]): Promise<void> => {
      heard.length = 0;
      await work();
      await until(() => heard.length >= what.length);
      expect(heard.toSorted()).toEqual(what.toSorted());
      later(1);
    };
    const cancel = (id: string) => w.module.get(CancelIotJob).run(everyCustomer, { id, force: true });
    const update = (jobId: string, status: iotjobs.model.JobStatus) =>
      jobs.updateJobExecution({ thingName, jobId, status });
    await hears(() => w.job('s-1', [thingName]), 'jobs |s-1', 'next s-1#1 QUEUED');
    await hears(() => w.job('s-2', [thingName]), 'jobs |s-1,s-2');
    const third = await w.job('s-3', [thingName]);
    await until(() => heard.includes('jobs |s-1,s-2,s-3'));
    await jobs.startNextPendingJobExecution({ thingName });
    await hears(() => update('s-1', JobStatus.SUCCEEDED), 'jobs |s-2,s-3', 'next s-2#1 QUEUED');
    await hears(() => update('s-3', JobStatus.IN_PROGRESS), 'next s-3#1 IN_PROGRESS');
    await hears(() => cancel(third.id), 'jobs |s-2', 'next s-2#1 QUEUED');
    await hears(
      () =>
        w.module
          .get(DeleteIotJob)
          .run(everyCustomer, { id: third.id })
          .then(() => update('s-2', JobStatus.REJECTED)),
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
    await jobs.startNextPendingJobExecution({ thingName });
    later(61);
    await hears(() => w.module.get(TimeOutExecutions).run(), 'jobs |s-4', 'next s-4#2 QUEUED');
    expect((await jobs.describeJobExecution({ thingName, jobId: 's-4' })).execution).toMatchObject({
      executionNumber: 2,
      versionNumber: 1,
      status: JobStatus.QUEUED,
    });
    changed.close();
    next.close();
  });

  it('of another thing gets no answer: the connection ends, and nothing of that thing is told or changed', async () => {
    await w.thing('victim');
    await w.thing('thief');
    await w.job('secret-1', ['victim']);
    const { jobs, connection } = await w.v2('thief');
    let interrupted = 0;
    connection.on('interrupt', () => {
      interrupted += 1;
    });
    await expect(
      jobs.updateJobExecution({ thingName: 'victim', jobId: 'secret-1', status: JobStatus.SUCCEEDED }),
    ).rejects.toThrow();
    expect(interrupted).toBeGreaterThan(0);
    expect(await w.statuses('victim')).toEqual(['secret-1#1 QUEUED']);
  });
});
