import { Test } from '@nestjs/testing';
import {
  CancelIotJob,
  CancelJobExecution,
  ChangeDeviceState,
  CreateIotJob,
  DeleteIotJob,
  EndInstallation,
  InstallDevice,
  type IotJobInput,
  IotJobs,
  JobDocumentResolver,
  JobDocuments,
  SettleEndedJobs,
  TimeOutExecutions,
} from '@throughline/fleet';
import {
  type DataScope,
  Downlink,
  everyCustomer,
  JobRegistry,
  onlyCustomers,
  PlatformModule,
  runJob,
} from '@throughline/platform';
import { type Fleet, fleet } from '../../../test/fixture.js';
import { FleetJobsModule, fleetJobs } from '../../inbound/jobs/index.js';
import { DescribeExecution } from './describe-execution.js';
import { ExecutionChanges } from './execution-changes.js';
import { StartNextExecution } from './start-next-execution.js';
import { UpdateExecution } from './update-execution.js';
import { parseRequest, type UpdateRequest } from '../../domain/iot-jobs/request.js';

let f: Fleet;
beforeEach(async () => {
  f = await fleet();
});
afterEach(() => f.close());

interface Thing {
  readonly deviceId: string;
  readonly thingName: string;
}
const thing = async (thingName: string): Promise<Thing> => ({ deviceId: (await f.device(thingName)).id, thingName });
const create = (jobId: string, things: readonly Thing[], more: Partial<IotJobInput> = {}) =>
  f.module.get(CreateIotJob).run(everyCustomer, {
    jobId,
    document: { operation: jobId },
    deviceIds: things.map(({ deviceId }) => deviceId),
    targetLabel: 'these',
    ...more,
  });
const update = (who: Thing, jobId: string, body: object) =>
  f.module
    .get(UpdateExecution)
    .run(who, parseRequest(`${jobId}/update`, Buffer.from(JSON.stringify(body))) as UpdateRequest);
const startNext = (who: Thing, body: { stepTimeoutMinutes?: number } = {}) =>
  f.module.get(StartNextExecution).run(who, {
    kind: 'start-next',
    statusDetails: undefined,
    stepTimeoutMinutes: body.stepTimeoutMinutes,
  });
const describeNext = (who: Thing) =>
  f.module
    .get(DescribeExecution)
    .run(who, { kind: 'describe', jobId: '$next', executionNumber: undefined, includeJobDocument: true });
const executions = () =>
  f.rows<{ thing_name: string; job_id: string; execution_number: number; status: string; version_number: number }>(
    `select d.thing_name, j.job_id, e.execution_number, e.status, e.version_number from iot_job_execution e
     join device d on d.id = e.device_id join iot_job j on j.id = e.iot_job_id
     order by d.thing_name, j.job_id, e.execution_number`,
  );
const statuses = async () =>
  (await executions()).map((e) => `${e.thing_name} ${e.job_id}#${e.execution_number} ${e.status}`);
const job = async (jobId: string) =>
  (await f.module.get(IotJobs).byJobId(jobId)) as NonNullable<Awaited<ReturnType<IotJobs['byJobId']>>>;
/** Topic and content of what waits for a gateway; it is taken away. */
const downlink = async () => {
  const sent: [string, unknown][] = [];
  await f.module
    .get(Downlink)
    .relay(async ({ topic, payload }) => void sent.push([topic, JSON.parse(payload.toString())]));
  return sent;
};
const told = async () => (await downlink()).map(([topic, body]) => `${topic.split('/').at(-1)} ${names(body)}`);
const names = (body: unknown): string => {
  const { jobs, execution } = body as {
    jobs?: { IN_PROGRESS?: { jobId: string }[]; QUEUED?: { jobId: string }[] };
    execution?: { jobId: string; executionNumber: number };
  };
  if (!jobs) return execution ? `${execution.jobId}#${execution.executionNumber}` : 'none';
  return [...(jobs.IN_PROGRESS ?? []), ...(jobs.QUEUED ?? [])].map(({ jobId }) => jobId).join(',') || 'empty';
};
/** Runs a job as the worker does. */
const work = async (name: string, payload: unknown): Promise<void> => {
  const worker = await Test.createTestingModule({
    imports: [PlatformModule.forRoot(f.config, f.clock), FleetJobsModule],
  }).compile();
  await worker.init();
  const handled = worker.get(JobRegistry).complete(fleetJobs).get(name);
  if (!handled) throw new Error(`no job ${name}`);
  await runJob(handled, payload, 'test', 1);
  await worker.close();
};
const link = (path: string): string => `\${throughline:presigned-url:${path}}`;
const later = (seconds: number): void => f.clock.set(new Date(f.clock.now().getTime() + seconds * 1000));

describe('creating a job', () => {
  it('queues it for each device and tells each what is new and what is next, in the same transaction', async () => {
    const [a, b] = [await thing('a'), await thing('b')];
    await create('fw-1', [a]);
    later(1);
    await create('fw-2', [b, a], { inProgressTimeoutMinutes: 5 });
    expect(await executions()).toEqual([
      { thing_name: 'a', job_id: 'fw-1', execution_number: 1, status: 'QUEUED', version_number: 1 },
      { thing_name: 'a', job_id: 'fw-2', execution_number: 1, status: 'QUEUED', version_number: 1 },
      { thing_name: 'b', job_id: 'fw-2', execution_number: 1, status: 'QUEUED', version_number: 1 },
    ]);
    const sent = await downlink();
    const at = Date.parse('2026-03-02T08:00:00Z') / 1000;
    expect(sent.slice(0, 2)).toEqual([
      [
        '$aws/things/a/jobs/notify',
        {
          timestamp: at,
          jobs: { QUEUED: [{ jobId: 'fw-1', queuedAt: at, lastUpdatedAt: at, versionNumber: 1, executionNumber: 1 }] },
        },
      ],
      [
        '$aws/things/a/jobs/notify-next',
        {
          timestamp: at,
          execution: {
            jobId: 'fw-1',
            status: 'QUEUED',
            queuedAt: at,
            lastUpdatedAt: at,
            versionNumber: 1,
            executionNumber: 1,
            jobDocument: { operation: 'fw-1' },
          },
        },
      ],
    ]);
    expect(sent.slice(2).map(([topic, body]) => [topic, names(body)])).toEqual([
      ['$aws/things/a/jobs/notify', 'fw-1,fw-2'],
      ['$aws/things/b/jobs/notify', 'fw-2'],
      ['$aws/things/b/jobs/notify-next', 'fw-2#1'],
    ]);
  });

  it('is all or nothing: a taken name, an unknown or retired device, a failure at the end leave nothing', async () => {
    const [a, gone] = [await thing('a'), await thing('gone')];
    await create('fw-1', [a]);
    await downlink();
    await f.module.get(ChangeDeviceState).run(everyCustomer, { deviceId: gone.deviceId, to: 'retired' });
    await expect(create('fw-1', [a])).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(create('fw-2', [a, gone])).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
    await expect(
      create('fw-2', [a, { deviceId: '00000000-0000-7000-8000-000000000001', thingName: 'x' }]),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const { database, module } = f;
    const crash = database.transaction(everyCustomer, async () => {
      await create('fw-2', [a]);
      throw new Error('the process died');
    });
    await expect(crash).rejects.toThrow('the process died');
    expect(await statuses()).toEqual(['a fw-1#1 QUEUED']);
    expect(await module.get(IotJobs).byJobId('fw-2')).toBeUndefined();
    expect(await downlink()).toEqual([]);
  });

  it('is refused when the document links to something that nobody offers; links are made when it is handed out', async () => {
    const a = await thing('a');
    const document = { url: link('fw.bin') };
    await expect(create('fw-1', [a], { document })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('fw.bin'),
    });
    let made = 0;
    class Links extends JobDocumentResolver {
      async resolve(path: string, { jobId, thingName }: { jobId: string; thingName: string }) {
        made += 1;
        return path === 'fw.bin' ? `https://example.test/${path}?${jobId}-${thingName}-${made}` : undefined;
      }
    }
    f.module.get(JobDocuments).use(new Links());
    await create('fw-1', [a], { document });
    expect((await describeNext(a)).execution?.jobDocument).toEqual({ url: 'https://example.test/fw.bin?fw-1-a-2' });
    expect((await startNext(a)).answer.execution?.jobDocument).toEqual({ url: 'https://example.test/fw.bin?fw-1-a-3' });
    await create('fw-2', [a], { document: { url: link('lost.bin') } });
    await downlink();
    // What cannot be made now does not keep the device from going on: it is told without the document and asks for it.
    const { messages } = await update(a, 'fw-1', { status: 'SUCCEEDED' });
    const next = JSON.parse(String(messages[1]?.payload)) as { execution: object };
    expect(next.execution).not.toHaveProperty('jobDocument');
    await expect(describeNext(a)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('the worked sequence of notifications', () => {
  it('is told as AWS IoT tells it', async () => {
    const a = await thing('a');
    const after = async (work: Promise<{ messages: readonly { topic: string; payload: unknown }[] }>) =>
      (await work).messages.map(
        ({ topic, payload }) => `${topic.split('/').at(-1)} ${names(JSON.parse(String(payload)))}`,
      );
    for (const jobId of ['job1', 'job2', 'job3', 'job4']) {
      await create(jobId, [a]);
      later(1);
    }
    expect(await told()).toEqual([
      'notify job1',
      'notify-next job1#1',
      'notify job1,job2',
      'notify job1,job2,job3',
      'notify job1,job2,job3,job4',
    ]);
    expect(await after(startNext(a))).toEqual([]);
    expect(await after(update(a, 'job1', { status: 'IN_PROGRESS', statusDetails: { p: '50' } }))).toEqual([]);
    expect(await after(update(a, 'job1', { status: 'SUCCEEDED' }))).toEqual([
      'notify job2,job3,job4',
      'notify-next job2#1',
    ]);
    expect(await after(update(a, 'job3', { status: 'IN_PROGRESS' }))).toEqual(['notify-next job3#1']);
    expect(await after(update(a, 'job4', { status: 'REJECTED' }))).toEqual(['notify job3,job2']);
    await f.module.get(CancelIotJob).run(everyCustomer, { id: (await job('job2')).id });
    expect(await told()).toEqual(['notify job3']);
    expect(await after(update(a, 'job3', { status: 'FAILED' }))).toEqual(['notify empty', 'notify-next none']);
    expect(await after(startNext(a))).toEqual([]);
  });

  it('keeps its order: news of the device’s own answer waits behind what another process has not sent yet', async () => {
    const a = await thing('a');
    await create('job1', [a]);
    later(1);
    await create('job2', [a]);
    const { messages } = await update(a, 'job1', { status: 'SUCCEEDED' });
    expect(messages).toEqual([]);
    expect((await told()).slice(-2)).toEqual(['notify job2', 'notify-next job2#1']);
    expect((await update(a, 'job2', { status: 'SUCCEEDED' })).messages).toHaveLength(2);
  });
});

describe('two updates at once', () => {
  it('with one expected version: one wins, the other hears of it', async () => {
    const a = await thing('a');
    await create('fw-1', [a]);
    const results = await Promise.allSettled(
      Array.from({ length: 6 }, (_, i) =>
        update(a, 'fw-1', { status: 'IN_PROGRESS', expectedVersion: 1, statusDetails: { by: `${i}` } }),
      ),
    );
    const lost = results.filter((result) => result.status === 'rejected');
    expect(lost).toHaveLength(5);
    for (const { reason } of lost)
      expect(reason).toMatchObject({
        code: 'VersionMismatch',
        executionState: { status: 'IN_PROGRESS', versionNumber: 2, statusDetails: { by: expect.any(String) } },
      });
    expect((await executions())[0]).toMatchObject({ status: 'IN_PROGRESS', version_number: 2 });
    expect(await f.events('fleet.job-execution-changed')).toHaveLength(1);
  });

  it('without one: each counts, none is lost', async () => {
    const a = await thing('a');
    await create('fw-1', [a]);
    await Promise.all(Array.from({ length: 8 }, () => update(a, 'fw-1', { status: 'IN_PROGRESS' })));
    expect((await executions())[0]).toMatchObject({ version_number: 9 });
    expect((await f.events('fleet.job-execution-changed')).map((e) => e.versionNumber)).toEqual([
      2, 3, 4, 5, 6, 7, 8, 9,
    ]);
  });

  it('of the last two things of a job: the job completes once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [a, b] = [await thing(`a-${round}`), await thing(`b-${round}`)];
      await create(`fw-${round}`, [a, b]);
      await Promise.all([a, b].map((one) => update(one, `fw-${round}`, { status: 'SUCCEEDED' })));
      expect((await job(`fw-${round}`)).status).toBe('COMPLETED');
    }
    expect(await f.events('fleet.job-completed')).toHaveLength(5);
  });

  it('a crash before the commit leaves the version and tells nobody', async () => {
    const a = await thing('a');
    await create('fw-1', [a]);
    await downlink();
    const crash = f.database.transaction(everyCustomer, async () => {
      await update(a, 'fw-1', { status: 'SUCCEEDED' });
      throw new Error('the process died');
    });
    await expect(crash).rejects.toThrow('the process died');
    expect((await executions())[0]).toMatchObject({ status: 'QUEUED', version_number: 1 });
    expect(await f.events('fleet.job-execution-changed')).toEqual([]);
    expect((await job('fw-1')).status).toBe('IN_PROGRESS');
    expect((await update(a, 'fw-1', { status: 'SUCCEEDED', expectedVersion: 1 })).messages).toHaveLength(2);
  });
});

describe('timers', () => {
  const run = () => f.module.get(TimeOutExecutions).run();

  it('end what is in progress for too long, tell the device, and its late answer is refused', async () => {
    const a = await thing('a');
    await create('fw-1', [a], { inProgressTimeoutMinutes: 10 });
    await downlink();
    later(3_600);
    expect(await run()).toBe(0);
    const { answer } = await startNext(a);
    expect(answer.execution?.approximateSecondsBeforeTimedOut).toBe(600);
    later(599);
    expect(await run()).toBe(0);
    later(1);
    expect(await run()).toBe(1);
    expect(await run()).toBe(0);
    expect(await statuses()).toEqual(['a fw-1#1 TIMED_OUT']);
    expect(await told()).toEqual(['notify empty', 'notify-next none']);
    expect(await job('fw-1')).toMatchObject({ status: 'COMPLETED', completedAt: f.clock.now() });
    await expect(update(a, 'fw-1', { status: 'SUCCEEDED' })).rejects.toMatchObject({
      code: 'InvalidStateTransition',
      executionState: { status: 'TIMED_OUT', versionNumber: 3 },
    });
  });

  it('of a step restart with each update that has one', async () => {
    const a = await thing('a');
    await create('fw-1', [a], { inProgressTimeoutMinutes: 10 });
    await startNext(a, { stepTimeoutMinutes: 1 });
    later(59);
    await update(a, 'fw-1', { status: 'IN_PROGRESS', stepTimeoutInMinutes: 2 });
    later(119);
    expect(await run()).toBe(0);
    await update(a, 'fw-1', { status: 'IN_PROGRESS', stepTimeoutInMinutes: -1 });
    later(60);
    expect(await run()).toBe(0);
    await update(a, 'fw-1', { status: 'IN_PROGRESS', stepTimeoutInMinutes: 1 });
    later(60);
    expect(await run()).toBe(1);
  });

  it('lead to a retry with the next number, as often as the job says, and then to the end of the job', async () => {
    const [a, b] = [await thing('a'), await thing('b')];
    await create('fw-1', [a, b], {
      inProgressTimeoutMinutes: 1,
      retries: [
        { failureType: 'TIMED_OUT', numberOfRetries: 1 },
        { failureType: 'FAILED', numberOfRetries: 1 },
      ],
    });
    await update(b, 'fw-1', { status: 'REJECTED' });
    await downlink();
    await startNext(a);
    later(60);
    await run();
    expect(await told()).toEqual(['notify fw-1', 'notify-next fw-1#2']);
    const { messages } = await update(a, 'fw-1', { status: 'FAILED', expectedVersion: 1 });
    expect(messages.map(({ payload }) => names(JSON.parse(String(payload))))).toEqual(['fw-1', 'fw-1#3']);
    await startNext(a);
    later(60);
    await run();
    expect(await statuses()).toEqual([
      'a fw-1#1 TIMED_OUT',
      'a fw-1#2 FAILED',
      'a fw-1#3 TIMED_OUT',
      'b fw-1#1 REJECTED',
    ]);
    expect(await job('fw-1')).toMatchObject({ status: 'COMPLETED' });
    expect(await f.events('fleet.job-completed')).toMatchObject([
      { jobId: 'fw-1', status: 'COMPLETED', counts: { TIMED_OUT: 1, REJECTED: 1, QUEUED: 0 } },
    ]);
    expect((await f.events('fleet.job-execution-changed')).filter((e) => e.from === null)).toHaveLength(2);
  });

  it('of one broken execution do not keep the others from ending', async () => {
    const [a, b] = [await thing('a'), await thing('b')];
    await create('fw-1', [a, b], { inProgressTimeoutMinutes: 1 });
    await startNext(a);
    await startNext(b);
    later(60);
    const changes = f.module.get(ExecutionChanges);
    const write = changes.write.bind(changes);
    Object.assign(changes, {
      write: (...args: Parameters<ExecutionChanges['write']>) =>
        args[1].thingName === 'a' ? Promise.reject(new Error('broken')) : write(...args),
    });
    await expect(run()).rejects.toThrow(/1 executions could not/);
    expect(await statuses()).toEqual(['a fw-1#1 IN_PROGRESS', 'b fw-1#1 TIMED_OUT']);
  });
});

describe('cancelling', () => {
  const cancel = (id: string, force = false) => f.module.get(CancelIotJob).run(everyCustomer, { id, force });

  it('ends what is queued; what is in progress goes on, without a retry; with force that ends too', async () => {
    const [a, b] = [await thing('a'), await thing('b')];
    const made = await create('fw-1', [a, b], { retries: [{ failureType: 'ALL', numberOfRetries: 3 }] });
    await startNext(a);
    await downlink();
    expect(await cancel(made.id)).toMatchObject({ status: 'CANCELED', completedAt: null });
    expect(await statuses()).toEqual(['a fw-1#1 IN_PROGRESS', 'b fw-1#1 CANCELED']);
    expect(await told()).toEqual(['notify empty', 'notify-next none']);
    await update(a, 'fw-1', { status: 'FAILED' });
    expect(await statuses()).toEqual(['a fw-1#1 FAILED', 'b fw-1#1 CANCELED']);
    expect(await f.events('fleet.job-completed')).toMatchObject([{ status: 'CANCELED' }]);

    const second = await create('fw-2', [a, b]);
    await startNext(a);
    await downlink();
    expect(await cancel(second.id, true)).toMatchObject({ status: 'CANCELED', completedAt: f.clock.now() });
    expect((await statuses()).filter((s) => s.includes('fw-2'))).toEqual(['a fw-2#1 CANCELED', 'b fw-2#1 CANCELED']);
    await expect(update(a, 'fw-2', { status: 'SUCCEEDED' })).rejects.toMatchObject({ code: 'InvalidStateTransition' });
    await expect(cancel(second.id.replace(/.$/, 'f'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('of a job that is over is refused', async () => {
    const a = await thing('a');
    const { id } = await create('fw-1', [a]);
    await update(a, 'fw-1', { status: 'SUCCEEDED' });
    await expect(cancel(id, true)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
  });

  it('of one execution needs force when it has begun', async () => {
    const [a, b] = [await thing('a'), await thing('b')];
    const { id } = await create('fw-1', [a, b]);
    const one = async (deviceId: string) =>
      (await f.module.get(IotJobs).executionsOfDevices(everyCustomer, [deviceId], 1))[0]?.id ?? '';
    const cancelOne = async (deviceId: string, force = false) =>
      f.module.get(CancelJobExecution).run(everyCustomer, { id: await one(deviceId), force });
    await startNext(a);
    await downlink();
    await cancelOne(b.deviceId);
    expect(await told()).toEqual(['notify empty', 'notify-next none']);
    await expect(cancelOne(a.deviceId)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
    await cancelOne(a.deviceId, true);
    expect(await statuses()).toEqual(['a fw-1#1 CANCELED', 'b fw-1#1 CANCELED']);
    expect(await f.module.get(IotJobs).get(id)).toMatchObject({ status: 'COMPLETED' });
  });

  it('that a process died over is finished by the worker', async () => {
    const [a, b] = [await thing('a'), await thing('b')];
    const { id } = await create('fw-1', [a, b]);
    await startNext(a);
    await downlink();
    // As it is when the process died after the first commit.
    await f.rows("update iot_job set status = 'CANCELED', unsettled = true where id = ? returning id", [id]);
    expect(await f.module.get(SettleEndedJobs).run()).toBe(1);
    expect(await statuses()).toEqual(['a fw-1#1 IN_PROGRESS', 'b fw-1#1 CANCELED']);
    expect(await told()).toEqual(['notify empty', 'notify-next none']);
    expect(await f.module.get(SettleEndedJobs).run()).toBe(0);
  });
});

describe('deleting', () => {
  const remove = (id: string, force = false) => f.module.get(DeleteIotJob).run(everyCustomer, { id, force });

  it('needs a job that is over, or force; its device hears that there is no such execution; its name is free', async () => {
    const [a, b] = [await thing('a'), await thing('b')];
    const { id } = await create('fw-1', [a, b]);
    await create('fw-2', [a]);
    await startNext(a);
    await downlink();
    await expect(remove(id)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
    await f.module.get(CancelIotJob).run(everyCustomer, { id });
    await downlink();
    await expect(remove(id)).rejects.toMatchObject({ code: 'STATE_CONFLICT', message: /in progress on things/ });
    await remove(id, true);
    expect(await told()).toEqual(['notify fw-2', 'notify-next fw-2#1']);
    await expect(update(a, 'fw-1', { status: 'SUCCEEDED' })).rejects.toMatchObject({ code: 'ResourceNotFound' });
    expect(await statuses()).toEqual(['a fw-2#1 QUEUED']);
    await expect(remove(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await create('fw-1', [b]);
    await update(b, 'fw-1', { status: 'SUCCEEDED' });
    await remove((await job('fw-1')).id);
    expect(await f.module.get(IotJobs).byJobId('fw-1')).toBeUndefined();
  });

  it('goes on in batches until nothing is left, also when a process died over it', async () => {
    const things = await Promise.all(Array.from({ length: 12 }, (_, i) => thing(`t-${i}`)));
    const { id } = await create('fw-1', things);
    await f.rows("update iot_job set status = 'DELETION_IN_PROGRESS', unsettled = true where id = ? returning id", [
      id,
    ]);
    await f.module.get(SettleEndedJobs).run();
    expect(await executions()).toEqual([]);
    expect(await f.module.get(IotJobs).many([id])).toEqual([]);
  });
});

describe('a device that moves or leaves', () => {
  it('takes what is pending with it; what is over stays the customer’s', async () => {
    const [a, mine, theirs] = [await thing('a'), await f.asset('S-1', f.acme), await f.asset('S-2', f.other)];
    const seen = async (scope: DataScope) =>
      (await f.module.get(IotJobs).executionsOfDevices(scope, [a.deviceId], 10)).map((e) => e.jobId).sort();
    await create('before', [a]);
    await f.module.get(InstallDevice).run(everyCustomer, { deviceId: a.deviceId, assetId: mine.id });
    await create('over', [a]);
    await update(a, 'over', { status: 'SUCCEEDED' });
    expect(await seen(onlyCustomers([f.acme.id]))).toEqual(['before', 'over']);
    later(60);
    await f.module.get(EndInstallation).run(everyCustomer, { deviceId: a.deviceId });
    await f.module.get(InstallDevice).run(everyCustomer, { deviceId: a.deviceId, assetId: theirs.id });
    expect(await seen(onlyCustomers([f.acme.id]))).toEqual(['over']);
    expect(await seen(onlyCustomers([f.other.id]))).toEqual(['before']);
  });

  it('is taken out of its jobs when it retires, so that they complete without it', async () => {
    const [a, b] = [await thing('a'), await thing('b')];
    await create('fw-1', [a, b]);
    await update(b, 'fw-1', { status: 'SUCCEEDED' });
    await f.module.get(ChangeDeviceState).run(everyCustomer, { deviceId: a.deviceId, to: 'retired' });
    const [event] = await f.events('fleet.device-state-changed');
    await work('fleet.remove-job-executions', event);
    await work('fleet.remove-job-executions', event);
    expect(await statuses()).toEqual(['a fw-1#1 REMOVED', 'b fw-1#1 SUCCEEDED']);
    expect(await job('fw-1')).toMatchObject({ status: 'COMPLETED' });
  });

  it('is timed out by the worker’s recurring job', async () => {
    const a = await thing('a');
    await create('fw-1', [a], { inProgressTimeoutMinutes: 1 });
    await startNext(a);
    later(61);
    await work('fleet.time-out-job-executions', {});
    expect(await statuses()).toEqual(['a fw-1#1 TIMED_OUT']);
  });
});
