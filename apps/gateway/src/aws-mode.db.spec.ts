import { readFileSync } from 'node:fs';
import { Test, type TestingModule } from '@nestjs/testing';
import { InstallDevice } from '@throughline/fleet';
import { Downlink, everyCustomer, PlatformModule } from '@throughline/platform';
import { RegisterSchema, TelemetryModule } from '@throughline/telemetry';
import { type Fleet, fleet } from '../../../libs/fleet/test/fixture.js';
import { type BrokerClient, type Mqtt5Broker, mqtt5Broker } from '../test/mqtt5-broker.js';
import { metrics } from '../test/world.js';
import { Gateway } from './gateway.js';
import { GatewayModule } from './gateway.module.js';

let broker: Mqtt5Broker;
let f: Fleet;
let gateway: TestingModule;
let devices: BrokerClient;
let news: BrokerClient;

async function until<T>(what: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (let i = 0; i < 1_000; i += 1) {
    const found = await what();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`it never came to be: ${what.toString()}`);
}

beforeAll(async () => {
  broker = await mqtt5Broker();
  f = await fleet({
    AWS_IOT_ENDPOINT: 'a1b2c3-ats.iot.eu-central-1.amazonaws.com',
    AWS_REGION: 'eu-central-1',
    MQTT_URL: broker.url,
  });
  const setup = await Test.createTestingModule({
    imports: [PlatformModule.forRoot(f.config, f.clock), TelemetryModule],
  }).compile();
  await setup.init();
  await setup.get(RegisterSchema).run(f.model.id, metrics);
  await setup.close();
  const [device, asset] = [await f.device('rx-1'), await f.asset('S-1')];
  await f.module
    .get(InstallDevice)
    .run(everyCustomer, { deviceId: device.id, assetId: asset.id, at: new Date('2026-03-01') });
  gateway = await Test.createTestingModule({ imports: [GatewayModule.with(f.config, f.clock)] }).compile();
  await gateway.init();
  await gateway.get(Gateway).start();
  news = await until(() => broker.clients.get('throughline-news'));
  devices = await until(() => [...broker.clients].find(([id]) => id.startsWith('throughline-gateway-'))?.[1]);
  await until(() => news.subscribes.length >= 2);
});
afterAll(async () => {
  await gateway.close();
  await broker.close();
  await f.close();
});

const filters = (client: BrokerClient): string[] =>
  client.subscribes.flatMap(({ subscriptions }) => subscriptions.map(({ topic }) => topic));
const published = (): string[] => [...broker.clients.values()].flatMap((c) => c.published.map(({ topic }) => topic));

it('shares telemetry among gateways and asks for no request of a device', () => {
  expect(filters(devices)).toEqual(
    ['telemetry', 'telemetry/+', 'event'].map((rest) => `$share/throughline/dt/+/${rest}`),
  );
  expect(filters(news).sort()).toEqual([
    '$aws/events/commandExecution/+/+',
    '$aws/events/job/+/+',
    '$aws/events/jobExecution/+/+',
    '$aws/events/presence/connected/+',
    '$aws/events/presence/disconnected/+',
    '$aws/things/+/shadow/delete/accepted',
    '$aws/things/+/shadow/name/+/delete/accepted',
    '$aws/things/+/shadow/name/+/update/documents',
    '$aws/things/+/shadow/update/documents',
  ]);
  expect(broker.clients.size).toBe(2);
});

it('the policy in infra/ allows the gateway each of its filters', () => {
  const file = new URL('../../../infra/aws/gateway-policy.json', import.meta.url);
  const { Statement } = JSON.parse(readFileSync(file, 'utf8')) as { Statement: { Resource: string | string[] }[] };
  const allowed = Statement.flatMap(({ Resource }) => Resource);
  for (const filter of [...filters(news), ...filters(devices)])
    expect(allowed).toContain(`arn:aws:iot:REGION:ACCOUNT:topicfilter/${filter}`);
});

it('hears news in a session that is kept, with no more filters in one packet than AWS IoT takes', () => {
  expect(news.connect).toMatchObject({ clean: false, properties: { sessionExpiryInterval: 3_600 } });
  for (const { subscriptions } of news.subscribes) expect(subscriptions.length).toBeLessThanOrEqual(8);
});

it('stores telemetry and acknowledges it after the commit; what is committed is told on the same connection', async () => {
  const ts = f.clock.now().getTime();
  const id = devices.deliver('dt/rx-1/telemetry', JSON.stringify({ ts, boot: 1, seq: 1, m: { pressure_bar: 7 } }));
  await until(() => devices.acknowledged.includes(id));
  expect(await f.rows('select boot, seq::int as seq from message')).toEqual([{ boot: 1, seq: 1 }]);
  await until(() => devices.published.find(({ topic }) => topic === 'cmd/rx-1/telemetry/committed'));
});

it('a life-cycle event is acknowledged when its interval is stored; what cannot be read is left out', async () => {
  const bad = news.deliver('$aws/events/presence/connected/rx-1', '{"clientId":1}');
  const id = news.deliver(
    '$aws/events/presence/connected/rx-1',
    JSON.stringify({
      clientId: 'rx-1',
      timestamp: f.clock.now().getTime(),
      eventType: 'connected',
      sessionIdentifier: 's',
      versionNumber: 0,
    }),
  );
  await until(() => news.acknowledged.includes(id));
  expect(news.acknowledged).toEqual([bad, id]);
  expect(await f.rows('select client_id, gateway, disconnected_at from presence_interval')).toEqual([
    { client_id: 'rx-1', gateway: 'aws-iot', disconnected_at: null },
  ]);
});

it('answers nothing on reserved topics, and sends nothing there for others', async () => {
  for (const topic of [
    '$aws/things/rx-1/shadow/get',
    '$aws/things/rx-1/jobs/get',
    '$aws/things/rx-1/shadow/update',
    '$aws/commands/things/rx-1/executions/x/response/json',
  ]) {
    const id = devices.deliver(topic, '{"state":{"reported":{"a":1}}}');
    await until(() => devices.acknowledged.includes(id));
  }
  await f.database.transaction(everyCustomer, (em) =>
    gateway.get(Downlink).send(em, [
      { topic: '$aws/things/rx-1/jobs/notify', payload: '{}' },
      { topic: 'cmd/rx-1/telemetry/resend', payload: '{}' },
    ]),
  );
  await until(() => published().includes('cmd/rx-1/telemetry/resend'));
  expect(published().filter((topic) => topic.startsWith('$'))).toEqual([]);
  expect(await f.rows('select 1 from shadow')).toEqual([]);
});
