import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { IssueDeviceCertificate, RefusedConnections, RevokeCertificate } from '@throughline/fleet';
import { DeviceListener, everyCustomer, Metrics } from '@throughline/platform';
import { encode } from 'cborg';
import type { MqttClient } from 'mqtt';
import { selfSigned } from '../test/self-signed.js';
import { type World, world } from '../test/world.js';

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

const message = (seq: number, change: Record<string, unknown> = {}) => ({
  ts: w.now - 60_000 + seq,
  boot: 1,
  seq,
  m: { pressure_bar: 7.1, output_m3: seq, state: 2 },
  ...change,
});
const publish = (client: MqttClient, thing: string, body: unknown, rest = 'telemetry') =>
  client.publishAsync(
    `dt/${thing}/${rest}`,
    Buffer.isBuffer(body) || typeof body === 'string' ? body : JSON.stringify(body),
    { qos: 1 },
  );
const closed = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()));
async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (const end = performance.now() + 20_000; ; ) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error('it did not come about within 20 s');
    await sleep(20);
  }
}
const presence = (thing: string) =>
  w.rows<{ client_id: string; reason: string | null }>(
    `select p.client_id, p.reason from presence_interval p join device d on d.id = p.device_id
     where d.thing_name = ? order by p.client_id, p.reason`,
    [thing],
  );

describe('a device', () => {
  it('connects with its certificate, is committed before its PUBACK, and its presence is recorded', async () => {
    const { assetId } = await w.installed('tls-1');
    const client = await w.secure('tls-1', {
      username: 'tls-1?SDK=IoTDeviceSDK/JS',
      ALPNProtocols: ['x-amzn-mqtt-ca'],
    });
    await publish(client, 'tls-1', message(1));
    expect(await w.stored('tls-1')).toEqual([
      { boot: 1, seq: 1, ts: w.now - 59_999, asset_id: assetId, values: [7.1, 1, 2] },
    ]);
    expect(await presence('tls-1')).toEqual([{ client_id: 'tls-1', reason: null }]);
    await client.endAsync();
    const [ended] = await until(async () => {
      const rows = await presence('tls-1');
      return rows[0]?.reason ? rows : undefined;
    });
    expect(ended?.reason).toBe('client_disconnect');
  });

  it('may use several client ids that begin with its name; the same one again takes over', async () => {
    await w.installed('multi');
    const first = await w.secure('multi', { clientId: 'multi-a' });
    const other = await w.secure('multi');
    const gone = closed(first);
    const second = await w.secure('multi', { clientId: 'multi-a' });
    await gone;
    await publish(second, 'multi', message(1));
    await publish(other, 'multi', message(2));
    expect(await w.stored('multi')).toHaveLength(2);
    expect(await presence('multi')).toEqual([
      { client_id: 'multi', reason: null },
      { client_id: 'multi-a', reason: 'taken_over' },
      { client_id: 'multi-a', reason: null },
    ]);
  });

  it('cannot be disconnected by another whose name begins like its own', async () => {
    await w.installed('pump');
    await w.installed('pump-1');
    const victim = await w.secure('pump-1');
    await w.secure('pump', { clientId: 'pump-1' });
    await publish(victim, 'pump-1', message(1));
    expect(await w.stored('pump-1')).toHaveLength(1);
  });

  it('is told how far its boot is stored without a hole, and again when it begins to listen', async () => {
    await w.installed('notice');
    const client = await w.plain('notice');
    const notices: unknown[] = [];
    client.on('message', (topic, payload) => notices.push([topic, JSON.parse(payload.toString())]));
    await client.subscribeAsync('cmd/notice/telemetry/committed', { qos: 1 });
    for (const seq of [2, 4, 1]) await publish(client, 'notice', message(seq));
    await until(async () => notices.length > 0 && JSON.stringify(notices.at(-1)).includes('"seq":2'));
    await publish(client, 'notice', message(3));
    await until(async () => JSON.stringify(notices.at(-1)).includes('"seq":4'));
    for (const notice of notices)
      expect(notice).toEqual(['cmd/notice/telemetry/committed', { boot: 1, seq: expect.any(Number) }]);
    const heard = notices.length;
    await client.unsubscribeAsync('cmd/notice/telemetry/committed');
    await client.subscribeAsync('cmd/notice/telemetry/committed', { qos: 0 });
    await until(async () => notices.length > heard);
    expect(notices.at(-1)).toEqual(['cmd/notice/telemetry/committed', { boot: 1, seq: 4 }]);
  });

  it('has its events stored once, on its asset', async () => {
    const { assetId } = await w.installed('events');
    const client = await w.plain('events');
    const event = { ts: w.now, boot: 1, seq: 1, type: 'fault_raised', code: 'E12', detail: { valve: 3 } };
    for (let i = 0; i < 2; i += 1) await publish(client, 'events', event, 'event');
    expect(await w.rows('select asset_id, type, code, detail from device_event where asset_id = ?', [assetId])).toEqual(
      [{ asset_id: assetId, type: 'fault_raised', code: 'E12', detail: { valve: 3 } }],
    );
  });
});

describe('what is sent to a device', () => {
  it('comes whole, once for several subscriptions, also where QoS 0 overtakes QoS 1', async () => {
    await w.installed('hears');
    const client = await w.plain('hears', { clean: false });
    await client.subscribeAsync(['cmd/hears/#', '$aws/things/hears/#', '$aws/things/hears/jobs/+'], { qos: 1 });
    const came = new Map<string, number>();
    client.on(
      'message',
      (_topic, payload) => void came.set(payload.toString(), (came.get(payload.toString()) ?? 0) + 1),
    );
    const listener = w.gateway.get(DeviceListener);
    const wanted = Array.from({ length: 200 }, (_, i) => [`news ${i}`, `notice ${i}`]).flat();
    await Promise.all(
      wanted.map((text) =>
        text.startsWith('news')
          ? listener.send('$aws/things/hears/jobs/notify', text, 1)
          : listener.send('cmd/hears/telemetry/committed', text, 0),
      ),
    );
    await until(async () => came.size === wanted.length).catch(() => undefined);
    expect(Object.fromEntries(came)).toEqual(Object.fromEntries(wanted.map((text) => [text, 1])));
  });
});

describe('who is refused', () => {
  it('a certificate of another authority, and none', async () => {
    await w.installed('stranger');
    const own = await selfSigned('stranger');
    await expect(w.secure('stranger', { ...own, connectTimeout: 3_000 })).rejects.toThrow();
    await expect(w.secure('stranger', { cert: undefined, key: undefined, connectTimeout: 3_000 })).rejects.toThrow();
    expect(await presence('stranger')).toEqual([]);
  });

  it('a revoked certificate, a client id that is not its own, an unknown thing', async () => {
    await w.installed('revoked');
    await expect(w.secure('revoked', { clientId: 'revokedX' })).rejects.toThrow('Not authorized');
    await expect(w.plain('nobody')).rejects.toThrow('Not authorized');
    const [device] = await w.rows<{ id: string }>(`select id from device where thing_name = 'revoked'`);
    const issued = await w.module.get(IssueDeviceCertificate).run(everyCustomer, { deviceId: device?.id ?? '' });
    await w.module.get(RevokeCertificate).run(everyCustomer, issued.certificate);
    await expect(w.secure('revoked', { cert: issued.certificatePem, key: issued.privateKeyPem })).rejects.toThrow(
      'Not authorized',
    );
    expect(await presence('revoked')).toEqual([]);
  });

  it('is counted with the reason, one row an hour, a reason and a certificate or address', async () => {
    const own = await selfSigned('flood');
    for (let i = 0; i < 3; i += 1)
      await expect(w.secure('stranger', { ...own, connectTimeout: 3_000 })).rejects.toThrow();
    await w.gateway.get(RefusedConnections).write();
    const rows = await w.rows<{ reason: string; subject: string; connections: number; party: string }>(
      'select reason, subject, connections, party from tls_refusal order by reason, subject',
    );
    expect(rows).toEqual([
      expect.objectContaining({ reason: 'client_id', subject: 'revokedX', connections: 1 }),
      {
        reason: 'foreign_certificate',
        subject: 'flood',
        connections: 3,
        party: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      expect.objectContaining({ reason: 'foreign_certificate', subject: 'stranger', connections: 1 }),
      expect.objectContaining({ reason: 'no_certificate', subject: null, connections: 1 }),
      expect.objectContaining({ reason: 'revoked_certificate', subject: 'revoked', connections: 1 }),
      expect.objectContaining({ reason: 'unknown_thing', subject: 'nobody', connections: 1 }),
    ]);
    const { values } = await w.gateway.get(Metrics).counter('throughline_gateway_refused_connections_total', '').get();
    expect(values).toContainEqual({ labels: { reason: 'foreign_certificate' }, value: 4 });
  });

  it('MQTT 5, with the answer that it is not spoken here', async () => {
    const { port } = new URL(w.mqttUrl);
    const socket = createConnection(Number(port), '127.0.0.1');
    socket.write(Buffer.from([0x10, 0x0f, 0, 4, 0x4d, 0x51, 0x54, 0x54, 5, 2, 0, 30, 0, 0, 2, 0x61, 0x62]));
    const answer = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    expect([...answer]).toEqual([0x20, 3, 0, 0x84, 0]);
    await new Promise((resolve) => socket.once('close', resolve));
  });

  it.each([
    [
      'publishing to another device',
      (c: MqttClient) => c.publish('dt/victim/telemetry', JSON.stringify(message(1)), { qos: 1 }),
    ],
    ['publishing outside its topics', (c: MqttClient) => c.publish('cmd/thief/x', '1', { qos: 1 })],
    [
      'publishing retained',
      (c: MqttClient) => c.publish('dt/thief/telemetry', JSON.stringify(message(1)), { qos: 1, retain: true }),
    ],
    [
      'publishing with QoS 2',
      (c: MqttClient) => c.publish('dt/thief/telemetry', JSON.stringify(message(1)), { qos: 2 }),
    ],
    ['listening to another device', (c: MqttClient) => c.subscribe('cmd/victim/#')],
    ['listening to all', (c: MqttClient) => c.subscribe('#')],
    ['listening to all commands', (c: MqttClient) => c.subscribe('cmd/+/telemetry/committed')],
    ['a topic of very many levels', (c: MqttClient) => c.publish(`dt/thief${'/x'.repeat(120)}`, '1', { qos: 1 })],
  ])('%s: the connection is closed and nothing is stored', async (_what, act) => {
    if ((await w.rows(`select 1 from device where thing_name = 'thief'`)).length === 0) {
      await w.installed('thief');
      await w.installed('victim');
    }
    const client = await w.plain('thief');
    const gone = closed(client);
    act(client);
    await gone;
    expect(await w.stored('victim')).toEqual([]);
    expect(await w.stored('thief')).toEqual([]);
    expect(await w.quarantined('thief')).toEqual([]);
  });
});

describe('bad input', () => {
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  const withValues = (m: string) => `{"ts":${Date.UTC(2026, 2, 2, 8)},"boot":1,"seq":9,"m":${m}}`;
  const cases: [string, string, string | Buffer][] = [
    ['broken', 'malformed_json', '{"ts":'],
    ['empty', 'malformed_json', ''],
    ['bytes', 'malformed_json', Buffer.from([0, 255, 128, 7])],
    ['nan', 'malformed_json', withValues('{"pressure_bar":NaN}')],
    ['huge-number', 'wrong_type', withValues('{"pressure_bar":1e400}')],
    ['deep', 'too_deep', deep],
    ['proto', 'forbidden_key', withValues('{"__proto__":{"state":1}}')],
    ['text', 'wrong_type', withValues('{"pressure_bar":"7.1"}')],
    ['unknown', 'unknown_metric', withValues('{"colour":1}')],
    ['range', 'out_of_range', withValues('{"pressure_bar":17}')],
    ['future', 'bad_time', `{"ts":${Date.UTC(2027, 0, 1)},"boot":1,"seq":1,"m":{}}`],
    ['identity', 'bad_identity', `{"ts":${Date.UTC(2026, 2, 2)},"boot":-1,"seq":1,"m":{}}`],
    ['many', 'too_many', JSON.stringify(Array(1_001).fill(1))],
    ['large', 'too_large', Buffer.alloc(200_000, 'x')],
    ['very-large', 'too_large', Buffer.alloc(10_000_000, '[')],
  ];

  it.each(cases)(
    '%s becomes one quarantine row (%s); the connection and other messages go on',
    async (name, reason, body) => {
      const thing = `bad-${name}`;
      await w.installed(thing);
      const client = await w.plain(thing);
      await Promise.all([publish(client, thing, body), publish(client, thing, message(1))]);
      await publish(client, thing, body);
      expect((await w.stored(thing)).map((row) => row.seq)).toEqual([1]);
      const rows = await w.quarantined(thing);
      expect(rows.map((row) => row.reason)).toEqual([reason]);
      expect(rows[0]?.rule).not.toBe('');
      const kept = Buffer.from(rows[0]?.raw ?? '');
      expect(kept.equals(Buffer.from(body).subarray(0, reason === 'too_large' ? 4_096 : undefined))).toBe(true);
    },
  );

  it('in one element of an array leaves the others', async () => {
    await w.installed('array');
    const client = await w.plain('array');
    await publish(client, 'array', [message(1), message(2, { m: { colour: 1 } }), message(3)]);
    expect((await w.stored('array')).map((row) => row.seq)).toEqual([1, 3]);
    expect(await w.quarantined('array')).toMatchObject([{ reason: 'unknown_metric', boot: 1, seq: '2' }]);
  });

  it('an identity with another body is set aside, and what was stored stays; the same again changes nothing', async () => {
    await w.installed('conflict');
    const client = await w.plain('conflict');
    await publish(client, 'conflict', message(1));
    const before = await w.stored('conflict');
    await publish(client, 'conflict', message(1));
    await publish(client, 'conflict', message(1, { m: { state: 4 } }));
    await publish(client, 'conflict', [message(2), message(2, { ts: w.now }), message(2)]);
    expect((await w.stored('conflict')).slice(0, 1)).toEqual(before);
    expect(await w.stored('conflict')).toHaveLength(2);
    expect(await w.quarantined('conflict')).toMatchObject([
      { reason: 'identity_conflict', boot: 1, seq: '1' },
      { reason: 'identity_conflict', boot: 1, seq: '2' },
    ]);
  });

  it('on a topic that nothing reads is set aside', async () => {
    await w.installed('topics');
    const client = await w.plain('topics');
    await publish(client, 'topics', 'x', 'telemetry/xml');
    expect(await w.quarantined('topics')).toMatchObject([{ reason: 'unknown_topic' }]);
  });

  it('an event that cannot be read is set aside', async () => {
    await w.installed('bad-event');
    const client = await w.plain('bad-event');
    await publish(client, 'bad-event', { ts: w.now, type: 7 }, 'event');
    expect(await w.quarantined('bad-event')).toMatchObject([{ reason: 'bad_event' }]);
  });

  it('what a quarantined device says is set aside', async () => {
    const { deviceId } = await w.installed('sick');
    await w.rows(`update device set state = 'quarantined' where id = ?`, [deviceId]);
    const client = await w.plain('sick');
    await publish(client, 'sick', message(1));
    expect(await w.stored('sick')).toEqual([]);
    expect(await w.quarantined('sick')).toMatchObject([{ reason: 'device_quarantined' }]);
  });

  it('that PostgreSQL itself refuses does not hold up the others of its batch', async () => {
    await w.installed('innocent');
    const { deviceId } = await w.installed('deleted');
    const [good, gone] = [await w.plain('innocent'), await w.plain('deleted')];
    await w.rows('delete from presence_interval where device_id = ?', [deviceId]);
    await w.rows('delete from installation where device_id = ?', [deviceId]);
    await w.rows('delete from device where id = ?', [deviceId]);
    await Promise.all([
      publish(good, 'innocent', message(1)),
      publish(gone, 'deleted', { ts: w.now, type: 'fault_raised' }, 'event'),
      publish(good, 'innocent', message(2)),
    ]);
    expect(await w.stored('innocent')).toHaveLength(2);
    expect(await w.rows('select 1 from device_event where device_id = ?', [deviceId])).toEqual([]);
  });
});

describe('messages', () => {
  it('in CBOR and SenML are stored as those in JSON are; a payload of which some are refused is set aside whole, once', async () => {
    await w.installed('binary');
    const client = await w.plain('binary');
    const wrong = [message(3, { m: { state: 0.5 } }), message(2), message(4, { m: { colour: 1 } })];
    const bytes = Buffer.from(encode(wrong));
    for (let time = 0; time < 2; time += 1) {
      await publish(client, 'binary', Buffer.from(encode(message(1))), 'telemetry/cbor');
      await publish(client, 'binary', bytes, 'telemetry/cbor');
      const at = { bt: w.now / 1_000 - 60, boot_: 1 };
      await publish(client, 'binary', [{ ...at, n: 'state', v: 2, t: 0.005, seq_: 5 }], 'telemetry/senml-json');
      const numbered = new Map<number | string, unknown>([
        [-3, at.bt],
        ['boot_', 1],
        [0, 'state'],
        [2, 2],
        [6, 0.006],
        ['seq_', 6],
      ]);
      await publish(client, 'binary', Buffer.from(encode([numbered])), 'telemetry/senml-cbor');
      // The same identity with another body is a conflict in any encoding.
      await publish(client, 'binary', Buffer.from(encode([message(1, { m: { state: 4 } })])), 'telemetry/cbor');
    }
    expect((await w.stored('binary')).map(({ seq, ts, values }) => [seq, ts - w.now + 60_000, values[2]])).toEqual(
      [1, 2, 5, 6].map((seq) => [seq, seq, 2]),
    );
    const rows = (await w.quarantined('binary')).sort((a, b) => (b.reason < a.reason ? -1 : 1));
    expect(rows).toMatchObject([
      { reason: 'wrong_type', rule: expect.stringContaining('message 1: m.state'), boot: 1, seq: '3' },
      { reason: 'identity_conflict', boot: 1, seq: '1' },
    ]);
    expect(Buffer.from(rows[0]?.raw ?? '').equals(bytes)).toBe(true);
  });

  it('belong to the asset the device was installed on at their time', async () => {
    const { deviceId, assetId } = await w.installed('board-old');
    const replacement = await w.device('board-new');
    const swap = w.now - 3_600_000;
    await w.end(deviceId, swap);
    await w.install(replacement.id, assetId, swap);
    const [old, fresh] = [await w.plain('board-old'), await w.plain('board-new')];
    const at = (seq: number, ts: number) => message(seq, { ts });
    await publish(old, 'board-old', [at(1, swap - 1), at(2, swap), at(3, w.now)]);
    await publish(fresh, 'board-new', [at(1, swap - 1), at(2, swap), at(3, w.now)]);
    expect((await w.stored('board-old')).map((row) => row.asset_id)).toEqual([assetId, null, null]);
    expect((await w.stored('board-new')).map((row) => row.asset_id)).toEqual([null, assetId, assetId]);
  });

  it('in any order, over any connections and however often give the same rows', async () => {
    await w.installed('disorder');
    const clients = [
      await w.plain('disorder'),
      await w.plain('disorder', { clientId: 'disorder-b' }),
      await w.plain('disorder', { clientId: 'disorder-c' }),
    ];
    const all = Array.from({ length: 60 }, (_, i) => message(i + 1));
    const order = [...all, ...all.slice(10, 40), ...all].sort(
      (a, b) => ((a.seq * 7_919) % 61) - ((b.seq * 104_729) % 61),
    );
    await Promise.all(order.map((m, i) => publish(clients[i % 3] as MqttClient, 'disorder', i % 5 === 0 ? [m] : m)));
    const rows = await w.stored('disorder');
    expect(rows.map(({ seq, ts, values }) => ({ seq, ts, values }))).toEqual(
      all.map(({ seq, ts }) => ({ seq, ts, values: [7.1, seq, 2] })),
    );
    expect(await w.quarantined('disorder')).toEqual([]);
    const progress = () =>
      w.rows<{ contiguous_seq: string; seq: string }>(
        `select p.contiguous_seq, l.seq from boot_progress p join latest_reading l using (device_id)
         join device d on d.id = p.device_id where d.thing_name = 'disorder'`,
      );
    await until(async () => (await progress())[0]?.contiguous_seq === '60');
    expect(await progress()).toEqual([{ contiguous_seq: '60', seq: '60' }]);
  });

  it('are told of in the transaction that stores them', async () => {
    const { assetId } = await w.installed('told');
    const client = await w.plain('told');
    await publish(client, 'told', [message(5), message(9), message(7)]);
    const told = (await w.events('telemetry.committed')).flatMap((e) => e.ranges as { assetId: string }[]);
    expect(told.filter((range) => range.assetId === assetId)).toEqual([
      { assetId, from: w.now - 60_000 + 5, to: w.now - 60_000 + 9, messages: 3 },
    ]);
  });

  it('are not acknowledged while the database cannot store them, and are stored once it can', async () => {
    await w.installed('patient');
    const client = await w.plain('patient');
    let acknowledged = 0;
    let sent: Promise<unknown> = Promise.resolve();
    await w.database.transaction(everyCustomer, async (em) => {
      await em.execute('lock table message in share mode');
      sent = Promise.all(
        [1, 2, 3].map((seq) => publish(client, 'patient', message(seq)).then(() => (acknowledged += 1))),
      );
      await sleep(400);
      expect(acknowledged).toBe(0);
    });
    await sent;
    expect(await w.stored('patient')).toHaveLength(3);
  });

  it('survive the loss of every database connection, each stored once', async () => {
    await w.installed('cut');
    const client = await w.plain('cut');
    const sent = Array.from({ length: 200 }, (_, i) => sleep(i * 5).then(() => publish(client, 'cut', message(i + 1))));
    for (let i = 0; i < 5; i += 1) {
      await sleep(150);
      await w
        .rows(
          'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
        )
        .catch(() => undefined);
    }
    await Promise.all(sent);
    expect((await w.stored('cut')).map((row) => row.seq)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  });
});
