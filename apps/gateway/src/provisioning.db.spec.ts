import { setTimeout as sleep } from 'node:timers/promises';
import {
  ChangeDeviceState,
  type ClaimCredentials,
  CreateClaimBatch,
  CreateProvisioningTemplate,
  DeactivateCa,
  DeactivateClaimBatch,
  RegisterCa,
  RevokeCertificate,
} from '@throughline/fleet';
import { DeviceListener, everyCustomer } from '@throughline/platform';
import { decode, encode } from 'cborg';
import type { IClientOptions, MqttClient } from 'mqtt';
import { boardKey, factoryCa } from '../test/boards.js';
import { type World, world } from '../test/world.js';

let w: World;
let claim: ClaimCredentials;
/** What the gateway published, to whoever may listen. */
const published: { topic: string; payload: Record<string, unknown> }[] = [];

beforeAll(async () => {
  w = await world();
  const template = {
    modelName: w.model.name,
    parameters: { SerialNumber: null, Line: 'A' },
    thingNamePattern: 'rx-${SerialNumber}',
    deviceConfiguration: { interval: '60' },
    hookUrl: null,
  };
  await w.module.get(CreateProvisioningTemplate).run({ ...template, name: 'rx' });
  await w.module.get(CreateProvisioningTemplate).run({ ...template, name: 'other' });
  await w.module.get(CreateProvisioningTemplate).run({
    ...template,
    name: 'factory',
    parameters: { CommonName: null },
    thingNamePattern: 'jit-${CommonName}-${AWS::IoT::Certificate::SerialNumber}',
  });
  claim = await batch('first');
  const listener = w.gateway.get(DeviceListener);
  const send = listener.send.bind(listener);
  listener.send = (topic, payload, qos) => {
    if (topic.startsWith('$aws/events/')) published.push({ topic, payload: JSON.parse(payload.toString()) });
    return send(topic, payload, qos);
  };
});
afterAll(() => w.close());

const batch = (name: string) =>
  w.module
    .get(CreateClaimBatch)
    .run({ name, templateName: 'rx', maxCount: 100, expiresAt: new Date(w.now + 3 * 365 * 86_400_000) });
const asClaim = (clientId: string, { certificatePem, privateKeyPem, caPem } = claim, options: IClientOptions = {}) =>
  w.secure('', { clientId, cert: certificatePem, key: privateKeyPem, ca: caPem, ...options });
const closed = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()));

/** The answer to a request: nothing is subscribed, answers are sent to the requester alone. */
async function ask(client: MqttClient, topic: string, body: object): Promise<{ topic: string; answer: Answer }> {
  const cbor = topic.endsWith('/cbor');
  const heard = new Promise<{ topic: string; answer: Answer }>((resolve, reject) => {
    client.once('message', (from, payload) =>
      resolve({ topic: from, answer: cbor ? decode(payload) : JSON.parse(payload.toString()) }),
    );
    client.once('close', () => reject(new Error('the connection was closed')));
  });
  heard.catch(() => undefined);
  await client.publishAsync(topic, cbor ? Buffer.from(encode(body)) : JSON.stringify(body), { qos: 1 });
  return heard;
}
type Answer = Record<string, string> & { deviceConfiguration?: object };

const message = (seq: number) => JSON.stringify({ ts: w.now - 60_000 + seq, boot: 1, seq, m: { output_m3: seq } });
const publish = (client: MqttClient, thing: string, seq: number) =>
  client.publishAsync(`dt/${thing}/telemetry`, message(seq), { qos: 1 });

/** A board becomes a device: its name and what it connects with from now on. */
async function provisioned(serial: string): Promise<{ thing: string; options: IClientOptions }> {
  const client = await asClaim(`board-${serial}`);
  const { key, csr } = await boardKey();
  const made = await ask(client, '$aws/certificates/create-from-csr/json', { certificateSigningRequest: csr });
  const { certificatePem: cert = '', certificateOwnershipToken } = made.answer;
  const { answer } = await ask(client, '$aws/provisioning-templates/rx/provision/json', {
    certificateOwnershipToken,
    parameters: { SerialNumber: serial },
  });
  await client.endAsync();
  return { thing: answer.thingName ?? '', options: { cert, key, ca: claim.caPem } };
}

async function until<T>(look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await sleep(20);
  }
}

describe('a claim', () => {
  it.each(['json', 'cbor'])('becomes a device in %s, whose telemetry is stored', async (format) => {
    const client = await asClaim(`claim-${format}`);
    const { key, csr } = await boardKey();
    const made = await ask(client, `$aws/certificates/create-from-csr/${format}`, { certificateSigningRequest: csr });
    expect(made.topic).toBe(`$aws/certificates/create-from-csr/${format}/accepted`);
    expect(made.answer.certificateId).toMatch(/^[0-9a-f]{64}$/);
    const { certificatePem: cert, certificateOwnershipToken } = made.answer;
    await expect(w.secure('', { clientId: `rx-${format}`, cert, key, ca: claim.caPem })).rejects.toThrow(
      'Not authorized',
    );
    const done = await ask(client, `$aws/provisioning-templates/rx/provision/${format}`, {
      certificateOwnershipToken,
      parameters: { SerialNumber: format },
    });
    expect(done).toEqual({
      topic: `$aws/provisioning-templates/rx/provision/${format}/accepted`,
      answer: { thingName: `rx-${format}`, deviceConfiguration: { interval: '60' } },
    });
    const device = await w.secure('', { clientId: `rx-${format}`, cert, key, ca: claim.caPem });
    await publish(device, `rx-${format}`, 1);
    expect(await w.stored(`rx-${format}`)).toHaveLength(1);
  });

  it('gets keys made for it, which are kept nowhere', async () => {
    const client = await asClaim('keys');
    const { answer } = await ask(client, '$aws/certificates/create/json', {});
    expect(answer.privateKey).toContain('BEGIN PRIVATE KEY');
    const stored = await w.rows<{ row: string }>('select to_jsonb(c)::text as row from issued_certificate c');
    expect(stored.some(({ row }) => row.includes('PRIVATE KEY'))).toBe(false);
    await ask(client, '$aws/provisioning-templates/rx/provision/json', {
      certificateOwnershipToken: answer.certificateOwnershipToken,
      parameters: { SerialNumber: 'keys' },
    });
    const device = await w.secure('', {
      clientId: 'rx-keys',
      cert: answer.certificatePem,
      key: answer.privateKey,
      ca: claim.caPem,
    });
    await publish(device, 'rx-keys', 1);
    expect(await w.stored('rx-keys')).toHaveLength(1);
  });

  it('is answered alone: another claim that listens on the same topics hears nothing', async () => {
    const [asking, listening] = [await asClaim('asking'), await asClaim('listening')];
    const heard: string[] = [];
    listening.on('message', (topic) => heard.push(topic));
    await listening.subscribeAsync(
      ['accepted', 'rejected'].flatMap((last) => [
        `$aws/certificates/create-from-csr/json/${last}`,
        `$aws/certificates/create/json/${last}`,
        `$aws/provisioning-templates/rx/provision/json/${last}`,
      ]),
    );
    const { csr } = await boardKey();
    await ask(asking, '$aws/certificates/create-from-csr/json', { certificateSigningRequest: csr });
    const own = await ask(listening, '$aws/certificates/create-from-csr/json', { certificateSigningRequest: 'x' });
    expect(own.answer).toMatchObject({ statusCode: 400, errorCode: 'InvalidCertificateSigningRequest' });
    expect(heard).toEqual(['$aws/certificates/create-from-csr/json/rejected']);
  });

  it.each([
    ['telemetry of a device', (c: MqttClient) => c.publish('dt/rx-json/telemetry', message(9), { qos: 1 })],
    ['telemetry of its own name', (c: MqttClient) => c.publish('dt/reach/telemetry', message(9), { qos: 1 })],
    ['a shadow', (c: MqttClient) => c.publish('$aws/things/rx-json/shadow/get', '', { qos: 1 })],
    ['jobs', (c: MqttClient) => c.publish('$aws/things/rx-json/jobs/get', '', { qos: 1 })],
    [
      "another batch's template",
      (c: MqttClient) => c.publish('$aws/provisioning-templates/other/provision/json', '{}', { qos: 1 }),
    ],
    ['an answer', (c: MqttClient) => c.publish('$aws/certificates/create/json/accepted', '{}', { qos: 1 })],
    ['a retained request', (c: MqttClient) => c.publish('$aws/certificates/create/json', '', { qos: 1, retain: true })],
    [
      'a huge request',
      (c: MqttClient) => c.publish('$aws/certificates/create-from-csr/json', Buffer.alloc(300_000), { qos: 1 }),
    ],
    ['commands to a device', (c: MqttClient) => c.subscribe('cmd/rx-json/#')],
    ['all of $aws', (c: MqttClient) => c.subscribe('$aws/#')],
    ['presence', (c: MqttClient) => c.subscribe('$aws/events/presence/#')],
    ['all', (c: MqttClient) => c.subscribe('#')],
  ])('does not reach %s: its connection is closed', async (_what, act) => {
    const client = await asClaim('reach');
    const gone = closed(client);
    act(client);
    await gone;
    expect((await w.stored('rx-json')).filter((row) => row.seq === 9)).toEqual([]);
  });

  it('may not use the client id of a thing, and neither thing nor claim ends the other', async () => {
    await w.installed('busy');
    const device = await w.secure('busy');
    await expect(asClaim('busy')).rejects.toThrow('Not authorized');
    await publish(device, 'busy', 1);
    expect(await w.stored('busy')).toHaveLength(1);
  });

  it('answers bad input as AWS IoT does, and goes on', async () => {
    const client = await asClaim('bad');
    const csr = '$aws/certificates/create-from-csr/json';
    const answerTo = async (topic: string, payload: string | Buffer) => {
      const heard = new Promise<[string, Buffer]>((resolve) =>
        client.once('message', (from, bytes) => resolve([from, bytes])),
      );
      await client.publishAsync(topic, payload, { qos: 1 });
      const [from, bytes] = await heard;
      expect(from).toBe(`${topic}/rejected`);
      return topic.endsWith('cbor') ? decode(bytes) : JSON.parse(bytes.toString());
    };
    expect(await answerTo(csr, '{"a":')).toMatchObject({ statusCode: 400, errorCode: 'InvalidJson' });
    expect(await answerTo(csr, '[1]')).toMatchObject({ errorCode: 'InvalidJson' });
    expect(await answerTo(csr, Buffer.from([0xff, 0xfe]))).toMatchObject({ errorCode: 'InvalidJson' });
    expect(await answerTo(csr, '')).toMatchObject({ errorCode: 'InvalidCertificateSigningRequest' });
    expect(await answerTo('$aws/certificates/create-from-csr/cbor', Buffer.from([0xa1, 0x61]))).toMatchObject({
      statusCode: 400,
      errorCode: 'InvalidCbor',
    });
    const provision = '$aws/provisioning-templates/rx/provision/json';
    expect(await answerTo(provision, '{}')).toMatchObject({ errorCode: 'InvalidCertificateOwnershipToken' });
    expect(await answerTo(provision, '{"parameters":[1]}')).toMatchObject({ errorCode: 'InvalidParameters' });
    expect(await answerTo(provision, '{"parameters":{"__proto__":{"a":1}}}')).toMatchObject({
      errorCode: 'InvalidParameters',
    });
  });

  it('is cut when its batch is deactivated, and refused from then on', async () => {
    const other = await batch('to be ended');
    const client = await asClaim('ended', other);
    const gone = closed(client);
    await w.module.get(DeactivateClaimBatch).run(other.batch.id);
    await gone;
    await expect(asClaim('ended', other)).rejects.toThrow('Not authorized');
  });
});

describe('a session ends with its right to be there', () => {
  it('at a revocation, and nothing is stored of it after', async () => {
    const { thing, options } = await provisioned('revoke');
    const client = await w.secure('', { clientId: thing, ...options });
    await publish(client, thing, 1);
    const [row] = await w.rows<{ fingerprint: string }>(
      'select fingerprint from certificate c join device d on d.id = c.device_id where thing_name = ?',
      [thing],
    );
    const gone = closed(client);
    await w.module.get(RevokeCertificate).run(everyCustomer, { fingerprint: row?.fingerprint ?? '' });
    await gone;
    const stored = await w.stored(thing);
    client.publish(`dt/${thing}/telemetry`, message(2), { qos: 1 });
    await expect(w.secure('', { clientId: thing, ...options })).rejects.toThrow('Not authorized');
    expect(await w.stored(thing)).toEqual(stored);
    const presence = await w.rows<{ reason: string }>(
      'select reason from presence_interval p join device d on d.id = p.device_id where thing_name = ?',
      [thing],
    );
    expect(presence).toEqual([{ reason: 'access_ended' }]);
  });

  it.each(['suspended', 'retired'] as const)('at %s, of every connection of the device and of no other', async (to) => {
    const [{ thing, options }, bystander] = [await provisioned(`s-${to}`), await provisioned(`b-${to}`)];
    const clients = [
      await w.secure('', { clientId: thing, ...options }),
      await w.secure('', { clientId: `${thing}-2`, ...options }),
      await w.plain(thing, { clientId: `${thing}-3` }),
    ];
    const other = await w.secure('', { clientId: bystander.thing, ...bystander.options });
    const gone = Promise.all(clients.map(closed));
    const [device] = await w.rows<{ id: string }>('select id from device where thing_name = ?', [thing]);
    await w.rows(`update device set state = 'active' where thing_name = ?`, [thing]);
    await w.module.get(ChangeDeviceState).run(everyCustomer, { deviceId: device?.id ?? '', to });
    await gone;
    await publish(other, bystander.thing, 1);
    expect(await w.stored(bystander.thing)).toHaveLength(1);
    expect(await w.stored(thing)).toEqual([]);
  });

  it('also when nobody told of the change', async () => {
    const { thing, options } = await provisioned('silent');
    const client = await w.secure('', { clientId: thing, ...options });
    const gone = closed(client);
    await w.rows(
      `update certificate set state = 'revoked', revoked_at = now() where device_id = (select id from device where thing_name = ?)`,
      [thing],
    );
    await gone;
    await expect(w.secure('', { clientId: thing, ...options })).rejects.toThrow('Not authorized');
  });

  it('not at quarantine: it stays connected, what it says is kept apart, and counts again when released', async () => {
    const { thing, options } = await provisioned('sick');
    const [device] = await w.rows<{ id: string }>('select id from device where thing_name = ?', [thing]);
    const deviceId = device?.id ?? '';
    const client = await w.secure('', { clientId: thing, ...options });
    await publish(client, thing, 1);
    await w.module.get(ChangeDeviceState).run(everyCustomer, { deviceId, to: 'quarantined' });
    await until(async () => {
      await publish(client, thing, 2);
      return (await w.quarantined(thing)).length > 0;
    });
    expect(await w.quarantined(thing)).toMatchObject([{ reason: 'device_quarantined' }]);
    await w.module.get(ChangeDeviceState).run(everyCustomer, { deviceId, to: 'active', from: 'quarantined' });
    await until(async () => {
      await publish(client, thing, 3);
      return (await w.stored(thing)).some((row) => row.seq === 3);
    });
    expect(client.connected).toBe(true);
  });
});

describe('a certificate is rotated', () => {
  it('by a signing request of the connected device; the old one ends when the new one has connected', async () => {
    const { thing, options } = await provisioned('rotate');
    const old = await w.secure('', { clientId: thing, ...options });
    const next = await boardKey();
    const request = { certificateSigningRequest: next.csr };
    const topic = '$aws/certificates/create-from-csr/json';
    await old.subscribeAsync([`${topic}/accepted`, `${topic}/rejected`], { qos: 1 });
    const { answer } = await ask(old, topic, request);
    expect((await ask(old, topic, request)).answer).toEqual(answer);
    await publish(old, thing, 1);
    // Both are good until the new one was used.
    const again = await w.secure('', { clientId: `${thing}-b`, ...options });
    const gone = Promise.all([closed(old), closed(again)]);
    const fresh = { cert: answer.certificatePem, key: next.key, ca: claim.caPem };
    const renewed = await w.secure('', { clientId: `${thing}-new`, ...fresh });
    await gone;
    await expect(w.secure('', { clientId: thing, ...options })).rejects.toThrow('Not authorized');
    await publish(renewed, thing, 2);
    expect(await w.stored(thing)).toHaveLength(2);
  });

  it('not with a key that is in use, and not over the unencrypted listener', async () => {
    const { thing, options } = await provisioned('rotate-2');
    const client = await w.secure('', { clientId: thing, ...options });
    const topic = '$aws/certificates/create-from-csr/json';
    const other = await boardKey();
    const someone = await asClaim('someone');
    await ask(someone, topic, { certificateSigningRequest: other.csr });
    expect((await ask(client, topic, { certificateSigningRequest: other.csr })).answer).toMatchObject({
      statusCode: 409,
      errorCode: 'KeyInUse',
    });
    const plain = await w.plain(thing, { clientId: `${thing}-plain` });
    const { csr } = await boardKey();
    expect((await ask(plain, topic, { certificateSigningRequest: csr })).answer).toMatchObject({
      errorCode: 'InvalidRequest',
    });
    const gone = closed(client);
    client.publish('$aws/certificates/create/json', '', { qos: 1 });
    await gone;
  });
});

describe('a registered CA', () => {
  const connect = (cert: { cert: string; key: string }, clientId: string) =>
    w.secure('', { clientId, ca: claim.caPem, connectTimeout: 5_000, ...cert });

  it('registers a device at its first connection, which is dropped; the next one succeeds', async () => {
    const factory = await factoryCa();
    const board = await factory.issue('CN=pump-7, 2.5.4.5=4711');
    await expect(connect(board, 'jit-pump-7-4711')).rejects.toThrow();
    expect(await w.rows('select 1 from device where thing_name = ?', ['jit-pump-7-4711'])).toEqual([]);

    const register = w.module.get(RegisterCa);
    const proof = await factory.issue(`CN=${await register.code()}`);
    const ca = await register.run({
      certificatePem: factory.certificatePem,
      verificationPem: proof.cert,
      templateName: 'factory',
    });
    // The listener trusts it within seconds; then the first connection is answered, with a refusal.
    await until(() =>
      connect(board, 'jit-pump-7-4711').then(
        () => false,
        (error: Error) => error.message.includes('Not authorized'),
      ),
    );
    const device = await connect(board, 'jit-pump-7-4711');
    await publish(device, 'jit-pump-7-4711', 1);
    expect(await w.stored('jit-pump-7-4711')).toHaveLength(1);
    const topic = `$aws/events/certificates/registered/${ca.fingerprint}`;
    const news = await until(() => published.find((event) => event.topic === topic));
    expect(news.payload).toMatchObject({ certificateId: board.fingerprint, caCertificateId: ca.fingerprint });

    const [bare, late] = [await factory.issue('CN=no-serial'), await factory.issue('CN=late, 2.5.4.5=1')];
    await expect(connect(bare, 'bare')).rejects.toThrow('Not authorized');
    await w.module.get(DeactivateCa).run(ca.id);
    await expect(connect(late, 'jit-late-1')).rejects.toThrow('Not authorized');
    await device.endAsync();
    await connect(board, 'jit-pump-7-4711');
    const refused = await w.rows<{ reason: string }>(
      `select reason from provisioning_attempt where operation = 'register_by_ca' and not accepted order by reason`,
    );
    expect(refused).toEqual([{ reason: 'ClaimNotActive' }, { reason: 'InvalidParameters' }]);
  });
});

describe('presence events', () => {
  it('tell of a connection, its end and a refusal, as AWS IoT words them', async () => {
    const { thing, options } = await provisioned('present');
    const client = await w.secure('', { clientId: thing, ...options });
    const connected = published.find((e) => e.topic === `$aws/events/presence/connected/${thing}`)?.payload;
    expect(connected).toEqual({
      clientId: thing,
      thingName: thing,
      timestamp: w.now,
      eventType: 'connected',
      sessionIdentifier: expect.any(String),
      principalIdentifier: expect.stringMatching(/^[0-9a-f]{64}$/),
      ipAddress: expect.any(String),
      versionNumber: expect.any(Number),
    });
    await client.endAsync();
    const ended = await until(
      () => published.find((e) => e.topic === `$aws/events/presence/disconnected/${thing}`)?.payload,
    );
    const { ipAddress, ...pair } = connected ?? {};
    expect(ipAddress).toBeDefined();
    expect(ended).toEqual({
      ...pair,
      eventType: 'disconnected',
      clientInitiatedDisconnect: true,
      disconnectReason: 'CLIENT_INITIATED_DISCONNECT',
    });
    await expect(w.secure('', { clientId: 'else', ...options })).rejects.toThrow('Not authorized');
    expect(published.find((e) => e.topic === '$aws/events/presence/connect_failed/else')?.payload).toMatchObject({
      eventType: 'connect_failed',
      connectFailureReason: 'AUTHORIZATION_FAILED',
    });
  });
});
