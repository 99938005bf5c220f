import { Test, type TestingModule } from '@nestjs/testing';
import {
  AWS_IOT,
  CancelIotJob,
  CancelJobExecution,
  ChangeDeviceState,
  CreateIotJob,
  DeleteIotJob,
  type Device,
  DiscardShadow,
  IssueDeviceCertificate,
  RevokeCertificate,
  SetDesired,
  Shadows,
} from '@throughline/fleet';
import type { RequestScope } from '@throughline/identity';
import { everyCustomer, type HandledJob, JobRegistry, PlatformModule, runJob } from '@throughline/platform';
import { asked, certificateArn, fakeAws, thingArn, type WireAnswer, type WireRequest } from '../../../test/fake-aws.js';
import { type Fleet, fleet } from '../../../test/fixture.js';
import { awsModeJobs, FleetJobsModule, fleetJobs } from '../../inbound/jobs/index.js';
import { FleetAwsNews } from '../../inbound/mqtt/fleet-aws-news.js';
import { FleetMqttModule } from '../../inbound/mqtt/index.js';
import { SearchDevices } from '../search-devices.js';

let f: Fleet;
let worker: TestingModule;
let requests: WireRequest[];
let answering: (request: WireRequest) => WireAnswer | undefined = () => undefined;

beforeAll(async () => {
  f = await fleet({
    AWS_IOT_ENDPOINT: 'a1b2c3-ats.iot.eu-central-1.amazonaws.com',
    AWS_REGION: 'eu-central-1',
    MQTT_URL: 'mqtt://localhost:1',
  });
  const fake = fakeAws((request) => answering(request));
  requests = fake.requests;
  worker = await Test.createTestingModule({
    imports: [PlatformModule.forRoot(f.config, f.clock), FleetJobsModule.with(f.config), FleetMqttModule],
  })
    .overrideProvider(AWS_IOT)
    .useValue(fake.aws)
    .compile();
  await worker.init();
});
afterAll(async () => {
  await worker.close();
  await f.close();
});
beforeEach(() => {
  requests.length = 0;
  answering = () => undefined;
});

const scope: RequestScope = {
  actor: { kind: 'user', id: '00000000-0000-7000-8000-00000000000a', name: 'Tess' },
  data: everyCustomer,
} as unknown as RequestScope;

const run = async (name: string, payload: object = {}): Promise<void> =>
  runJob(
    worker
      .get(JobRegistry)
      .complete([...fleetJobs, ...awsModeJobs])
      .get(name) as HandledJob,
    payload,
    'job',
    1,
  );
const mirror = (): Promise<void> => run('fleet.mirror-to-aws');
const paths = (): string[] => requests.map(asked);
const later = (ms: number): void => f.clock.set(new Date(f.clock.now().getTime() + ms));
const known = (request: WireRequest): WireAnswer | undefined => {
  if (/register-no-ca/.test(request.path)) return { body: { certificateArn: certificateArn('c'), certificateId: 'c' } };
  const thing = /^\/things\/([^/]+)$/.exec(request.path)?.[1];
  return thing ? { body: { thingName: thing, thingArn: thingArn(thing) } } : undefined;
};
const news = async (topic: string, body: unknown): Promise<void> =>
  worker.get(FleetAwsNews).take(topic, Buffer.from(JSON.stringify(body)));

/** Names of the devices that a query finds. */
const withProblem = async (query: string): Promise<string[]> =>
  (
    await f.module
      .get(SearchDevices)
      .page(everyCustomer, query, { by: 'thingName', descending: false }, { first: 9, after: undefined })
  ).edges.map(({ node }) => node.thingName);

/** A device that AWS IoT has. */
async function there(thingName: string): Promise<Device> {
  const device = await f.device(thingName);
  answering = known;
  await mirror();
  requests.length = 0;
  answering = () => undefined;
  return device;
}

describe('things and certificates', () => {
  it('a device and its certificate are brought to AWS IoT once, also when the answer was lost', async () => {
    const { id: deviceId } = await f.device('rx-1');
    const { certificatePem } = await f.module.get(IssueDeviceCertificate).run(everyCustomer, { deviceId });
    let lost = true;
    answering = (request) => {
      if (!/register-no-ca/.test(request.path)) return known(request);
      if (!lost)
        return {
          status: 409,
          error: 'ResourceAlreadyExistsException',
          body: { message: 'exists', resourceId: 'c', resourceArn: certificateArn('c') },
        };
      lost = false;
      return { lost: true };
    };
    await mirror();
    expect(await f.rows('select aws_state, aws_error from device where id = ?', [deviceId])).toEqual([
      { aws_state: null, aws_error: 'AWS IoT, certificate of rx-1: Error: socket hang up' },
    ]);
    expect(await withProblem('aws.problem:*')).toEqual(['rx-1']);
    expect(await withProblem('aws.problem:*hang*')).toEqual(['rx-1']);
    await mirror();
    expect(paths()).toEqual(['POST /things/rx-1', 'POST /certificate/register-no-ca']);
    later(10_000);
    await mirror();
    expect(paths().slice(2)).toEqual([
      'POST /things/rx-1',
      'POST /certificate/register-no-ca',
      'PUT /certificates/c',
      'PUT /target-policies/throughline-device',
      'PUT /things/rx-1/principals',
    ]);
    expect(requests.at(-4)?.body).toEqual({ certificatePem, status: 'ACTIVE' });
    expect(await f.rows('select aws_state, aws_error, aws_retry_at from device where id = ?', [deviceId])).toEqual([
      { aws_state: 'open', aws_error: null, aws_retry_at: null },
    ]);
    expect(await withProblem('aws.problem:*')).toEqual([]);
    requests.length = 0;
    await mirror();
    expect(paths()).toEqual([]);
  });

  it('a revoked certificate, a suspended and a retired device are so at AWS IoT', async () => {
    const { id: deviceId } = await f.device('rx-2');
    const { certificate } = await f.module.get(IssueDeviceCertificate).run(everyCustomer, { deviceId });
    const { certificate: other } = await f.module.get(IssueDeviceCertificate).run(everyCustomer, { deviceId });
    answering = known;
    await mirror();
    requests.length = 0;
    await f.module.get(RevokeCertificate).run(everyCustomer, { fingerprint: certificate.fingerprint });
    await mirror();
    expect(paths()).toEqual(['POST /things/rx-2', `PUT /certificates/${certificate.fingerprint}`]);
    expect(requests[1]?.query).toEqual({ newStatus: 'INACTIVE' });
    requests.length = 0;
    await f.rows(`update device set state = 'active' where id = ?`, [deviceId]);
    // A certificate that the board got by AWS IoT's own provisioning.
    answering = (request) =>
      request.method === 'GET'
        ? { body: { principals: [certificateArn('foreign'), certificateArn(other.fingerprint)] } }
        : undefined;
    await f.module.get(ChangeDeviceState).run(everyCustomer, { deviceId, to: 'suspended' });
    await mirror();
    expect(requests.map((request) => [asked(request), request.query.newStatus])).toEqual([
      ['POST /things/rx-2', undefined],
      ['GET /things/rx-2/principals', undefined],
      ['PUT /certificates/foreign', 'INACTIVE'],
      [`PUT /certificates/${other.fingerprint}`, 'INACTIVE'],
    ]);
    answering = () => undefined;
    requests.length = 0;
    await f.module.get(ChangeDeviceState).run(everyCustomer, { deviceId, to: 'retired' });
    await mirror();
    expect(paths()).toEqual([
      'GET /things/rx-2/principals',
      `PUT /certificates/${other.fingerprint}`,
      'GET /things/rx-2/principals',
      'DELETE /things/rx-2',
    ]);
  });

  it('a certificate from before AWS mode that AWS IoT does not know is told on the device, which is tried again later', async () => {
    const { id: deviceId } = await f.device('rx-3');
    await f.module.get(IssueDeviceCertificate).run(everyCustomer, { deviceId });
    await f.rows('update certificate set pem = null where device_id = ?', [deviceId]);
    answering = (request) =>
      /^\/certificates/.test(request.path)
        ? { status: 404, error: 'ResourceNotFoundException', body: { message: 'no such certificate' } }
        : undefined;
    await mirror();
    const [row] = await f.rows<{ aws_error: string; aws_retry_at: Date }>(
      'select aws_error, aws_retry_at from device where id = ?',
      [deviceId],
    );
    expect(row?.aws_error).toMatch(/was not issued in AWS mode and AWS IoT does not know it: issue another one/);
    expect(new Date(row?.aws_retry_at ?? 0).getTime() - f.clock.now().getTime()).toBe(300_000);
    await f.rows(`update certificate set state = 'revoked', revoked_at = now() where device_id = ?`, [deviceId]);
    later(300_000);
    await mirror();
    expect(await f.rows('select aws_error from device where id = ?', [deviceId])).toEqual([{ aws_error: null }]);
  });
});

describe('shadows', () => {
  const documents = (version: number, desired: object | null, reported: object | null) => ({
    previous: { state: {}, metadata: {}, version: version - 1 },
    current: {
      state: { ...(desired && { desired }), ...(reported && { reported }) },
      metadata: { ...(desired && { desired: { mode: { timestamp: 1 } } }) },
      version,
    },
    timestamp: 1_772_438_400,
  });

  it('what the API desires goes to AWS IoT, and its document is ours, with the author', async () => {
    const { id: deviceId } = await there('sh-1');
    answering = (request) =>
      request.method === 'GET'
        ? {
            body: {
              state: { desired: { mode: 'eco' }, delta: { mode: 'eco' } },
              metadata: {},
              version: 7,
              timestamp: 1,
            },
          }
        : undefined;
    const view = await worker.get(SetDesired).run(scope, { deviceId, desired: { mode: 'eco' } });
    expect(paths()).toEqual(['POST /things/sh-1/shadow', 'GET /things/sh-1/shadow']);
    expect(requests[0]?.body).toEqual({ state: { desired: { mode: 'eco' } } });
    expect(view).toMatchObject({ version: 7, desired: { mode: 'eco' }, delta: { mode: 'eco' } });
    expect(await f.rows('select version, author_name from shadow_history where device_id = ?', [deviceId])).toEqual([
      { version: '7', author_name: 'Tess' },
    ]);
    expect(await f.rows('select 1 from downlink')).toEqual([]);
  });

  it('news of the change that come before its answer do not take its author', async () => {
    const { id: deviceId } = await there('sh-2');
    answering = (request) =>
      request.method === 'GET'
        ? { body: { state: { desired: { mode: 'eco' } }, metadata: {}, version: 1 } }
        : undefined;
    await news('$aws/things/sh-2/shadow/update/documents', documents(1, { mode: 'eco' }, null));
    const history = () => f.rows('select author_name from shadow_history where device_id = ?', [deviceId]);
    expect(await history()).toEqual([{ author_name: 'AWS IoT' }]);
    await worker.get(SetDesired).run(scope, { deviceId, desired: { mode: 'eco' } });
    expect(await history()).toEqual([{ author_name: 'Tess' }]);
  });

  it('documents become rows, in whatever order they come; a deletion as well', async () => {
    const { id: deviceId } = await there('sh-3');
    const topic = '$aws/things/sh-3/shadow/name/net/update/documents';
    await news(topic, documents(2, { mode: 'b' }, { firmwareVersion: '1.2.0' }));
    await news(topic, documents(1, { mode: 'a' }, null));
    await news(topic, documents(2, { mode: 'x' }, null));
    const view = () => f.module.get(Shadows).find(everyCustomer, deviceId, 'net');
    expect(await view()).toMatchObject({
      version: 2,
      desired: { mode: 'b' },
      reported: { firmwareVersion: '1.2.0' },
      metadata: { desired: { mode: { timestamp: 1 } } },
    });
    await news('$aws/things/sh-3/shadow/name/net/delete/accepted', { version: 1, timestamp: 1 });
    expect(await view()).toBeDefined();
    await news('$aws/things/sh-3/shadow/name/net/delete/accepted', { version: 2, timestamp: 1 });
    expect(await view()).toBeUndefined();
    await news(topic, documents(2, { mode: 'late' }, null));
    expect(await view()).toBeUndefined();
    await news(topic, documents(3, { mode: 'new' }, null));
    expect(await view()).toMatchObject({ version: 3 });
    await news('$aws/things/sh-3/shadow/update/documents', documents(1, null, { firmwareVersion: '1.2.0' }));
    expect(await f.rows('select firmware_version from device where id = ?', [deviceId])).toEqual([
      { firmware_version: '1.2.0' },
    ]);
  });

  it('another version is a conflict for the caller; throttling is told as such; a bad message is refused', async () => {
    const { id: deviceId } = await there('sh-4');
    answering = () => ({ status: 409, error: 'ConflictException', body: { message: 'Version conflict' } });
    const set = () => worker.get(SetDesired).run(scope, { deviceId, desired: { a: 1 }, expectedVersion: 3 });
    await expect(set()).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
    answering = () => ({ status: 429, error: 'ThrottlingException', body: { message: 'Rate exceeded' } });
    await expect(set()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await expect(news('$aws/things/sh-4/shadow/update/documents', { current: {} })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('current.state'),
    });
    expect(await f.module.get(Shadows).find(everyCustomer, deviceId, '')).toBeUndefined();
  });

  it('a deletion by the API is AWS IoT’s first', async () => {
    const { id: deviceId } = await there('sh-5');
    await news('$aws/things/sh-5/shadow/update/documents', documents(4, { mode: 'a' }, null));
    await worker.get(DiscardShadow).run(scope, { deviceId });
    expect(paths()).toEqual(['DELETE /things/sh-5/shadow']);
    expect(await f.module.get(Shadows).find(everyCustomer, deviceId, '')).toBeUndefined();
    await expect(worker.get(DiscardShadow).run(scope, { deviceId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('jobs', () => {
  const created = async (jobId: string, device: Device) =>
    f.module.get(CreateIotJob).run(everyCustomer, {
      jobId,
      document: { operation: 'install' },
      deviceIds: [device.id],
      targetLabel: device.thingName,
    });
  const execution = (status: string, versionNumber: number, executionNumber = 1, details = {}): WireAnswer => ({
    body: {
      execution: {
        status,
        versionNumber,
        executionNumber,
        statusDetails: { detailsMap: details },
        queuedAt: 1_772_438_400,
        lastUpdatedAt: 1_772_438_420,
      },
    },
  });
  const tries = (jobId: string) =>
    f.rows(
      `select e.execution_number as n, e.status, e.version_number as v, e.status_details as d from iot_job_execution e
       join iot_job j on j.id = e.iot_job_id where j.job_id = ? order by 1`,
      [jobId],
    );
  const statusOf = async (jobId: string) =>
    (await f.rows<{ status: string }>('select status from iot_job where job_id = ?', [jobId]))[0]?.status;
  const hints = async () =>
    f.rows<{ payload: object }>(`select payload from outbox where name = 'fleet.read-aws-execution' order by id`);

  it('a job is made at AWS IoT once its thing is there; how it goes comes back, with a retry of AWS’s', async () => {
    const device = await f.device('jo-1');
    await created('job-1', device);
    expect(await f.rows('select 1 from downlink')).toEqual([]);
    await f.rows('update device set aws_retry_at = ? where id = ?', [
      new Date(f.clock.now().getTime() + 1e9),
      device.id,
    ]);
    await mirror();
    expect(await f.rows('select aws_error from iot_job where job_id = ?', ['job-1'])).toEqual([
      { aws_error: 'thing "jo-1" is not at AWS IoT yet' },
    ]);
    await f.rows('update device set aws_retry_at = null where id = ?', [device.id]);
    later(10_000);
    answering = known;
    await mirror();
    expect(paths()).toContain('PUT /jobs/job-1');
    expect(requests.at(-1)?.body).toMatchObject({ targets: [thingArn('jo-1')], document: '{"operation":"install"}' });

    const event = { eventType: 'JOB_EXECUTION', jobId: 'job-1', thingArn: thingArn('jo-1'), status: 'FAILED' };
    await news('$aws/events/jobExecution/job-1/failed', event);
    await news('$aws/events/job/job-1/completed', { eventType: 'JOB', jobId: 'job-1' });
    expect((await hints()).map(({ payload }) => payload)).toEqual([
      { jobId: 'job-1', thingName: 'jo-1' },
      { jobId: 'job-1' },
    ]);
    const read = () => run('fleet.read-aws-execution', { jobId: 'job-1', thingName: 'jo-1' });
    answering = () => execution('IN_PROGRESS', 2, 1, { step: '1/2' });
    await read();
    expect(await tries('job-1')).toEqual([{ n: 1, status: 'IN_PROGRESS', v: 2, d: { step: '1/2' } }]);
    answering = (request) =>
      request.query.executionNumber === '1' ? execution('FAILED', 3) : execution('QUEUED', 1, 2);
    await read();
    await read();
    expect(await tries('job-1')).toEqual([
      { n: 1, status: 'FAILED', v: 3, d: {} },
      { n: 2, status: 'QUEUED', v: 1, d: {} },
    ]);
    answering = (request) =>
      request.path === '/jobs/job-1' ? { body: { job: { status: 'IN_PROGRESS' } } } : execution('SUCCEEDED', 3, 2);
    await read();
    expect(await statusOf('job-1')).toBe('IN_PROGRESS');
    answering = (request) =>
      request.path === '/jobs/job-1' ? { body: { job: { status: 'COMPLETED' } } } : execution('IN_PROGRESS', 2, 2);
    await run('fleet.read-aws-jobs');
    expect(await tries('job-1')).toMatchObject([{ status: 'FAILED' }, { status: 'SUCCEEDED', v: 3 }]);
    expect(await statusOf('job-1')).toBe('COMPLETED');
    expect(await f.events('fleet.job-completed')).toMatchObject([{ jobId: 'job-1', status: 'COMPLETED' }]);
  });

  it('cancelling is AWS IoT’s to carry out; deleting forgets the job when it is gone there', async () => {
    const device = await there('jo-2');
    const { id } = await created('job-2', device);
    answering = known;
    await mirror();
    requests.length = 0;
    await f.module.get(CancelIotJob).run(everyCustomer, { id, force: true });
    expect(await tries('job-2')).toMatchObject([{ status: 'QUEUED', v: 1 }]);
    await mirror();
    expect(requests.map((request) => [asked(request), request.query])).toEqual([
      ['PUT /jobs/job-2/cancel', { force: 'true' }],
    ]);
    answering = (request) =>
      request.path === '/jobs/job-2' ? { body: { job: { status: 'CANCELED' } } } : execution('CANCELED', 2);
    await run('fleet.read-aws-jobs');
    expect(await tries('job-2')).toMatchObject([{ status: 'CANCELED', v: 2 }]);
    expect(await f.rows('select status, completed_at is not null as over from iot_job where id = ?', [id])).toEqual([
      { status: 'CANCELED', over: true },
    ]);
    answering = () => undefined;
    requests.length = 0;
    await f.module.get(DeleteIotJob).run(everyCustomer, { id });
    expect(await statusOf('job-2')).toBe('DELETION_IN_PROGRESS');
    await mirror();
    expect(paths()).toEqual(['DELETE /jobs/job-2']);
    expect(await statusOf('job-2')).toBeUndefined();
  });

  it('one thing is taken out of a job at AWS IoT', async () => {
    const device = await there('jo-3');
    const { id } = await created('job-3', device);
    answering = known;
    await mirror();
    requests.length = 0;
    const [row] = await f.rows<{ id: string }>('select id from iot_job_execution where iot_job_id = ?', [id]);
    await f.module.get(CancelJobExecution).run(everyCustomer, { id: row?.id ?? '' });
    const [asking] = await f.rows<{ payload: object }>(
      `select payload from outbox where name = 'fleet.cancel-aws-execution'`,
    );
    answering = (request) => (request.method === 'GET' ? execution('CANCELED', 2) : undefined);
    await run('fleet.cancel-aws-execution', asking?.payload);
    expect(paths().slice(0, 2)).toEqual(['PUT /things/jo-3/jobs/job-3/cancel', 'GET /things/jo-3/jobs/job-3']);
    expect(await tries('job-3')).toMatchObject([{ status: 'CANCELED', v: 2 }]);
  });

  it('a job for more things than AWS IoT takes is refused; a throttled one says so and comes again', async () => {
    const ids = Array.from({ length: 101 }, (_, i) => `00000000-0000-7000-8000-${String(i).padStart(12, '0')}`);
    await expect(
      f.module.get(CreateIotJob).run(everyCustomer, { document: {}, deviceIds: ids, targetLabel: 'all' }),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('at most 100 devices') });
    const device = await there('jo-4');
    await created('job-4', device);
    answering = (request) =>
      request.path === '/jobs/job-4'
        ? { status: 429, error: 'ThrottlingException', body: { message: 'Rate exceeded' } }
        : known(request);
    await mirror();
    const row = () => f.rows('select aws_state, aws_error from iot_job where job_id = ?', ['job-4']);
    expect(await row()).toEqual([
      { aws_state: 'creating', aws_error: 'AWS IoT, job job-4: ThrottlingException: Rate exceeded' },
    ]);
    answering = known;
    later(10_000);
    await mirror();
    expect(await row()).toEqual([{ aws_state: 'created', aws_error: null }]);
  });
});

describe('presence', () => {
  const event = (eventType: string, versionNumber: number, timestamp: number, more: object = {}) =>
    news(`$aws/events/presence/${eventType}/pr-1`, {
      clientId: 'pr-1',
      timestamp: f.clock.now().getTime() + timestamp,
      eventType,
      sessionIdentifier: `session-${versionNumber}`,
      principalIdentifier: 'c0ffee',
      versionNumber,
      ...more,
    });
  const intervals = () =>
    f.rows(
      `select (extract(epoch from p.connected_at - ?::timestamptz) * 1000)::int as "from",
         (extract(epoch from p.disconnected_at - ?::timestamptz) * 1000)::int as "to", p.reason, p.remote_address as ip
       from presence_interval p join device d on d.id = p.device_id where d.thing_name like 'pr-1%' order by 1`,
      [f.clock.now(), f.clock.now()],
    );

  it('life-cycle events become intervals, out of order and repeated', async () => {
    const { id: deviceId } = await f.device('pr-1');
    await f.rows(`update device set state = 'claimed' where id = ?`, [deviceId]);
    await event('connected', 2, 2_000, { ipAddress: '203.0.113.7' });
    await event('disconnected', 1, 2_500, { disconnectReason: 'DUPLICATE_CLIENTID' });
    await event('connected', 1, 1_000, { ipAddress: '203.0.113.7' });
    await event('connected', 2, 2_000, { ipAddress: '203.0.113.7' });
    await event('disconnected', 1, 2_500, { disconnectReason: 'DUPLICATE_CLIENTID' });
    expect(await intervals()).toEqual([
      { from: 1_000, to: 2_000, reason: 'taken_over', ip: '203.0.113.7' },
      { from: 2_000, to: null, reason: null, ip: '203.0.113.7' },
    ]);
    expect(await f.rows('select state from device where id = ?', [deviceId])).toEqual([{ state: 'active' }]);
    expect(await f.rows('select connected from device_index where device_id = ?', [deviceId])).toEqual([
      { connected: true },
    ]);
    await event('disconnected', 2, 9_000, { disconnectReason: 'MQTT_KEEP_ALIVE_TIMEOUT' });
    expect(await intervals()).toMatchObject([{ to: 2_000 }, { to: 9_000, reason: 'keep_alive_timeout' }]);
    expect(await f.rows('select connected from device_index where device_id = ?', [deviceId])).toEqual([
      { connected: false },
    ]);
    const changes = await f.events('fleet.presence-changed');
    expect(changes.at(-1)).toMatchObject({ deviceId, from: f.clock.now().getTime() + 9_000 });
  });

  it('a further session of a thing is the thing’s; a client that is no device is left out', async () => {
    const count = async () => (await f.rows('select 1 from presence_interval')).length;
    const before = await count();
    await event('connected', 3, 20_000, { clientId: 'pr-1-shell' });
    expect(await count()).toBe(before + 1);
    await event('connected', 4, 20_000, { clientId: 'stranger' });
    expect(await count()).toBe(before + 1);
  });
});
