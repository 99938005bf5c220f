import { Test, type TestingModule } from '@nestjs/testing';
import { AWS_IOT } from '@throughline/fleet';
import { everyCustomer, type HandledJob, JobRegistry, PlatformModule, runJob } from '@throughline/platform';
import { asked, fakeAws, thingArn, type WireAnswer, type WireRequest } from '../../../fleet/test/fake-aws.js';
import { type Workshop, workshop } from '../../test/fixture.js';
import { DiagnosticsJobsModule } from '../inbound/jobs/index.js';
import { CommandsAwsNews } from '../inbound/mqtt/commands-aws-news.js';
import { DiagnosticsMqttModule } from '../inbound/mqtt/index.js';
import { Executions } from './executions.js';
import { SendCommand } from './send-command.js';

let w: Workshop;
let worker: TestingModule;
let requests: WireRequest[];
let answering: (request: WireRequest) => WireAnswer | undefined = () => undefined;

beforeAll(async () => {
  w = await workshop({
    AWS_IOT_ENDPOINT: 'a1b2c3-ats.iot.eu-central-1.amazonaws.com',
    AWS_REGION: 'eu-central-1',
    MQTT_URL: 'mqtt://localhost:1',
  });
  const fake = fakeAws((request) => answering(request) ?? known(request));
  requests = fake.requests;
  worker = await Test.createTestingModule({
    imports: [PlatformModule.forRoot(w.config, w.clock), DiagnosticsJobsModule, DiagnosticsMqttModule],
  })
    .overrideProvider(AWS_IOT)
    .useValue(fake.aws)
    .compile();
  await worker.init();
});
afterAll(async () => {
  await worker.close();
  await w.close();
});
beforeEach(async () => {
  requests.length = 0;
  answering = () => undefined;
  await w.rows('delete from outbox');
});

function known({ path }: WireRequest): WireAnswer | undefined {
  if (path === '/endpoint') return { body: { endpointAddress: 'jobs.example' } };
  const thing = /^\/things\/([^/]+)$/.exec(path)?.[1];
  return thing ? { body: { thingArn: thingArn(thing) } } : undefined;
}

/** Runs the jobs of that name which the outbox asks for. */
async function work(name: string): Promise<void> {
  const handled = worker.get(JobRegistry).handlers().get(name) as HandledJob;
  for (const { payload } of await w.rows<{ payload: object }>('delete from outbox where name = ? returning payload', [
    name,
  ]))
    await runJob(handled, payload, 'job', 1);
}

const send = (deviceId: string, key: string) =>
  w
    .get(SendCommand)
    .run(everyCustomer, { deviceId, command: 'run-self-test', arguments: {}, key, requestedBy: 'Tess' });
const one = async (id: string) => (await w.get(Executions).many(everyCustomer, [id]))[0];

it('a command goes to a connected device through AWS IoT, and its answer comes back from there', async () => {
  const { deviceId } = await w.installed('cmd-1');
  await w.connect('cmd-1');
  const { id } = await send(deviceId, 'k-1');
  expect(await w.downlink()).toEqual([]);
  await work('diagnostics.start-aws-command');
  expect(requests.map(asked)).toEqual([
    'GET /things/cmd-1',
    `PUT /commands/${id}`,
    'GET /endpoint',
    'POST /command-executions',
  ]);
  expect((await one(id))?.state).toBe('sent');

  answering = ({ method, path }) => {
    if (path.startsWith('/command-executions/x-1'))
      return { body: { executionId: 'x-1', status: 'SUCCEEDED', result: { outcome: { S: 'pass' } } } };
    return method === 'POST' ? { body: { commandExecutions: [{ executionId: 'x-1' }] } } : undefined;
  };
  const topic = `$aws/events/commandExecution/${id}/succeeded`;
  await worker.get(CommandsAwsNews).take(topic);
  await worker.get(CommandsAwsNews).take(topic);
  await worker.get(CommandsAwsNews).take('$aws/events/commandExecution/somebody-elses/succeeded');
  await work('diagnostics.read-aws-command');
  expect(await one(id)).toMatchObject({ state: 'succeeded', result: { outcome: 'pass' } });
  requests.length = 0;
  await work('diagnostics.forget-aws-command');
  expect(requests.map(asked)).toEqual([`DELETE /commands/${id}`]);
});

it('one for a device that is away waits here; one that AWS IoT will not take fails with its words', async () => {
  const { deviceId } = await w.installed('cmd-2');
  const waiting = await send(deviceId, 'k-1');
  await work('diagnostics.start-aws-command');
  expect(requests).toEqual([]);
  expect((await one(waiting.id))?.state).toBe('queued');
  await w.connect('cmd-2');
  answering = ({ method }) =>
    method === 'PUT' ? { error: 'ValidationException', body: { message: 'payload too large' } } : undefined;
  const { id } = await send(deviceId, 'k-2');
  await work('diagnostics.start-aws-command');
  expect(await one(id)).toMatchObject({
    state: 'failed',
    reasonCode: 'AWS_IOT',
    reasonDescription: `AWS IoT, command ${id}: ValidationException: payload too large`,
  });
});

it('a throttled start is tried again', async () => {
  const { deviceId } = await w.installed('cmd-3');
  await w.connect('cmd-3');
  answering = ({ method }) =>
    method === 'PUT' ? { status: 429, error: 'ThrottlingException', body: { message: 'Rate exceeded' } } : undefined;
  const { id } = await send(deviceId, 'k-1');
  await expect(work('diagnostics.start-aws-command')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  expect((await one(id))?.state).toBe('sent');
});
