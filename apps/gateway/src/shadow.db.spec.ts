import { setTimeout as sleep } from 'node:timers/promises';
import { SetDesired } from '@throughline/fleet';
import { systemScope } from '@throughline/identity';
import type { MqttClient } from 'mqtt';
import pg from 'pg';
import { type World, world } from '../test/world.js';

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

interface Heard {
  /** Below `$aws/things/{thing}/shadow/`. */
  readonly topic: string;
  readonly body: Record<string, unknown> & { version?: number; code?: number; clientToken?: string };
}

/** A session of a thing that hears everything about its shadows, and how to ask. */
async function session(thing: string, clientId = thing) {
  if ((await w.rows('select 1 from device where thing_name = ?', [thing])).length === 0) await w.installed(thing);
  const client = await w.secure(thing, { clientId });
  const heard: Heard[] = [];
  const prefix = `$aws/things/${thing}/shadow/`;
  client.on('message', (topic, payload) =>
    heard.push({ topic: topic.slice(prefix.length), body: JSON.parse(payload.toString()) }),
  );
  await client.subscribeAsync(`${prefix}#`, { qos: 1 });
  const ask = (rest: string, body: unknown = '') =>
    client.publishAsync(prefix + rest, typeof body === 'string' ? body : JSON.stringify(body), { qos: 1 });
  const hears = async (count: number): Promise<Heard[]> => {
    while (heard.length < count) await sleep(5);
    return heard;
  };
  return { client, heard, ask, hears, prefix };
}
const closed = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()));
/** Only what a session heard that was an answer or news; it does not hear its own requests. */
const topics = (heard: readonly Heard[]) => heard.map(({ topic, body }) => [topic, body.version ?? body.code]);

describe('a shadow over MQTT', () => {
  it('answers an update with delta, documents and accepted in this order, of one version and with the token', async () => {
    const s = await session('order');
    await s.ask('update', { state: { desired: { a: 1 }, reported: { a: 0 } }, clientToken: 't1' });
    expect(
      await w.rows(`select version from shadow s join device d on d.id = s.device_id where thing_name = 'order'`),
    ).toEqual([{ version: '1' }]);
    await s.ask('update', { state: { reported: { a: 1 } }, clientToken: 't2', version: 1 });
    const heard = await s.hears(5);
    expect(topics(heard)).toEqual([
      ['update/delta', 1],
      ['update/documents', undefined],
      ['update/accepted', 1],
      ['update/documents', undefined],
      ['update/accepted', 2],
    ]);
    expect(heard.map(({ body }) => body.clientToken)).toEqual(['t1', 't1', 't1', 't2', 't2']);
    expect(heard[3]?.body).toMatchObject({ previous: { version: 1 }, current: { version: 2 } });
  });

  it('answers get and delete, also empty ones, and says what is missing', async () => {
    const s = await session('plain');
    await s.ask('get');
    await s.ask('name/config/delete', { clientToken: 't' });
    await s.ask('name/config/update', { state: { desired: { a: 1 } } });
    await s.ask('name/config/get');
    await s.ask('name/config/delete');
    expect(topics(await s.hears(7))).toEqual([
      ['get/rejected', 404],
      ['name/config/delete/rejected', 404],
      ['name/config/update/delta', 1],
      ['name/config/update/documents', undefined],
      ['name/config/update/accepted', 1],
      ['name/config/get/accepted', 1],
      ['name/config/delete/accepted', 1],
    ]);
    expect(s.heard[1]?.body).toEqual({
      code: 404,
      message: "No shadow exists with name: 'config'",
      timestamp: w.now / 1_000,
      clientToken: 't',
    });
  });

  it.each([
    ['update', '{"state":', 400, 'Invalid JSON'],
    ['update', '{"clientToken":"t"}', 400, 'Missing required node: state'],
    ['update', '{"state":{"desired":[]},"clientToken":"t"}', 400, 'Desired node must be an object'],
    [
      'update',
      `{"state":{"desired":{"a":"${'x'.repeat(9_000)}"}},"clientToken":"t"}`,
      413,
      'The payload exceeds the maximum size allowed',
    ],
    [`name/${'n'.repeat(65)}/get`, '', 400, 'Invalid shadow name'],
  ])('refuses a faulty %s with code and message', async (rest, payload, code, message) => {
    const s = await session('faulty', `faulty-${code}${payload.length}${rest.length}`);
    await s.ask(rest, payload);
    const [answer] = await s.hears(1);
    expect(answer?.topic).toBe(`${rest}/rejected`);
    expect(answer?.body).toMatchObject({
      code,
      message,
      ...(payload.includes('clientToken') ? { clientToken: 't' } : {}),
    });
  });

  it('tells every session of the thing what one of them changed, and no other thing', async () => {
    const [one, two, other] = [await session('shared'), await session('shared', 'shared-2'), await session('foreign')];
    await one.ask('update', { state: { reported: { a: 1 } }, clientToken: 'one' });
    expect(topics(await two.hears(2)).at(-1)).toEqual(['update/accepted', 1]);
    await other.ask('get');
    expect(topics(await other.hears(1))).toEqual([['get/rejected', 404]]);
  });

  it('is told what is desired through the API', async () => {
    const s = await session('remote');
    await w.module.get(SetDesired).run(systemScope, { thingName: 'remote', desired: { mode: 'boost' } });
    expect(topics(await s.hears(3))).toEqual([
      ['update/delta', 1],
      ['update/documents', undefined],
      ['update/accepted', 1],
    ]);
  });

  it.each([
    ["another thing's shadow", '$aws/things/shared/shadow/get'],
    ['an answer', '$aws/things/thief/shadow/update/accepted'],
    ['a delta', '$aws/things/thief/shadow/update/delta'],
    ['a shadow of an empty name', '$aws/things/thief/shadow/name//get'],
  ])('lets nobody publish %s', async (_what, topic) => {
    const { client } = await session('thief');
    const gone = closed(client);
    client.publish(topic, '{"state":{"reported":{"stolen":true}}}', { qos: 1 });
    await gone;
    expect(
      await w.rows(`select 1 from shadow s join device d on d.id = s.device_id where thing_name = 'thief'`),
    ).toEqual([]);
  });

  it('answers a flood: what is too much with 429, the rest counted without a hole', async () => {
    const s = await session('flood');
    const N = 120;
    await Promise.all(
      Array.from({ length: N }, (_, i) =>
        s.ask('update', { state: { reported: { [`k${i % 10}`]: i } }, clientToken: `${i}` }),
      ),
    );
    const answers = () => s.heard.filter(({ topic }) => topic !== 'update/documents');
    while (answers().length < N) await sleep(5);
    const refused = answers().filter(({ topic }) => topic === 'update/rejected');
    const accepted = answers().filter(({ topic }) => topic === 'update/accepted');
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused.map(({ body }) => `${body.code} ${body.message}`))).toEqual(
      new Set(['429 Too many requests']),
    );
    expect(accepted.map(({ body }) => body.version)).toEqual(accepted.map((_, i) => i + 1));
    expect(new Set(answers().map(({ body }) => body.clientToken)).size).toBe(N);
  });

  it('answers 500 when it cannot be stored, and works again afterwards', async () => {
    const s = await session('broken');
    const owner = new pg.Client({ connectionString: w.url });
    await owner.connect();
    await owner.query('alter table shadow rename to shadow_away');
    await s.ask('update', { state: { reported: { a: 1 } }, clientToken: 't' });
    await owner.query('alter table shadow_away rename to shadow');
    await owner.end();
    await s.ask('update', { state: { reported: { a: 2 } } });
    expect(topics(await s.hears(3))).toEqual([
      ['update/rejected', 500],
      ['update/documents', undefined],
      ['update/accepted', 1],
    ]);
    expect(s.heard[0]?.body).toMatchObject({ message: 'Internal service failure', clientToken: 't' });
  });
});
