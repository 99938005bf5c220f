import { once } from 'node:events';
import {
  ChangeDeviceState,
  type ClaimCredentials,
  CreateClaimBatch,
  CreateProvisioningTemplate,
  EndInstallation,
  InstallDevice,
  RevokeCertificate,
} from '@throughline/fleet';
import { everyCustomer } from '@throughline/platform';
import { io, iotidentity, mqtt } from 'aws-iot-device-sdk-v2';
import { boardKey } from '../../apps/gateway/test/boards.js';
import { type World, world } from '../../apps/gateway/test/world.js';

/** The AWS IoT Device SDK v2 as it is, with its identity client over MQTT 3.1.1: from a claim to a retired device. */

let w: World;
let claim: ClaimCredentials;
const open = new Set<mqtt.MqttClientConnection>();
const client = new mqtt.MqttClient(new io.ClientBootstrap());

beforeAll(async () => {
  w = await world();
  await w.module.get(CreateProvisioningTemplate).run({
    name: 'rx90',
    modelName: w.model.name,
    parameters: { SerialNumber: null },
    thingNamePattern: 'sdk-${SerialNumber}',
    deviceConfiguration: { interval: '60' },
    hookUrl: null,
  });
  const expiresAt = new Date(w.now + 3 * 365 * 86_400_000);
  claim = await w.module.get(CreateClaimBatch).run({ name: 'sdk', templateName: 'rx90', maxCount: 10, expiresAt });
});
afterAll(async () => {
  for (const connection of open) await connection.disconnect().catch(() => undefined);
  await w.close();
});

interface Identity {
  readonly cert: string;
  readonly key: string;
}

function connectionOf(clientId: string, { cert, key }: Identity): mqtt.MqttClientConnection {
  const tls = io.TlsContextOptions.create_client_with_mtls(cert, key);
  tls.override_default_trust_store(claim.caPem);
  // What the SDK's builder for certificates offers.
  tls.alpn_list = ['x-amzn-mqtt-ca'];
  const connection = client.new_connection({
    client_id: clientId,
    host_name: 'localhost',
    port: Number(new URL(w.mqttsUrl).port),
    clean_session: true,
    keep_alive: 60,
    ping_timeout: 10_000,
    protocol_operation_timeout: 20_000,
    reconnect_min_sec: 1,
    reconnect_max_sec: 1,
    socket_options: new io.SocketOptions(io.SocketType.STREAM, io.SocketDomain.IPV4, 5_000),
    use_websocket: false,
    tls_ctx: new io.ClientTlsContext(tls),
  });
  connection.on('error', () => undefined);
  return connection;
}

async function connected(clientId: string, identity: Identity): Promise<mqtt.MqttClientConnection> {
  const connection = connectionOf(clientId, identity);
  await connection.connect();
  open.add(connection);
  return connection;
}

const refused = (clientId: string, identity: Identity) =>
  connectionOf(clientId, identity)
    .connect()
    .then(
      () => 'connected',
      (error: unknown) => String(error),
    );

const identityOf = (connection: mqtt.MqttClientConnection) =>
  iotidentity.IotIdentityClientv2.newFromMqtt311(connection, {
    maxRequestResponseSubscriptions: 6,
    maxStreamingSubscriptions: 1,
    operationTimeoutInSeconds: 20,
  });

const claimIdentity = (): Identity => ({ cert: claim.certificatePem, key: claim.privateKeyPem });

const report = (connection: mqtt.MqttClientConnection, thing: string, seq: number) =>
  connection.publish(
    `dt/${thing}/telemetry`,
    JSON.stringify({ ts: w.now - 60_000 + seq, boot: 1, seq, m: { output_m3: seq } }),
    mqtt.QoS.AtLeastOnce,
  );

describe('IotIdentityClientv2', () => {
  it('takes a device through its whole life: claim, device, rotation, revocation, retirement', async () => {
    // Claim → signing request → device.
    const board = await connected('board-1', claimIdentity());
    const identity = identityOf(board);
    const { key, csr } = await boardKey();
    const made = await identity.createCertificateFromCsr({ certificateSigningRequest: csr });
    expect(made.certificateId).toMatch(/^[0-9a-f]{64}$/);
    const { certificatePem: cert = '', certificateOwnershipToken } = made;
    const thing = await identity.registerThing({
      templateName: 'rx90',
      certificateOwnershipToken,
      parameters: { SerialNumber: '1' },
    });
    expect(thing).toEqual({ thingName: 'sdk-1', deviceConfiguration: { interval: '60' } });
    identity.close();
    await board.disconnect();
    open.delete(board);

    // It is installed, connects with its own certificate, and its telemetry is committed to its asset.
    const [device] = await w.rows<{ id: string }>(`select id from device where thing_name = 'sdk-1'`);
    const deviceId = device?.id ?? '';
    const asset = await w.asset('S-sdk-1');
    await w.module
      .get(InstallDevice)
      .run(everyCustomer, { deviceId, assetId: asset.id, at: new Date(w.now - 86_400_000) });
    const first = await connected('sdk-1', { cert, key });
    await report(first, 'sdk-1', 1);
    expect(await w.stored('sdk-1')).toMatchObject([{ seq: 1, asset_id: asset.id }]);

    // Rotation with the old certificate, then only the new one is good.
    const rotation = identityOf(first);
    const next = await boardKey();
    const renewed = await rotation.createCertificateFromCsr({ certificateSigningRequest: next.csr });
    rotation.close();
    await first.disconnect();
    open.delete(first);
    const fresh = { cert: renewed.certificatePem ?? '', key: next.key };
    const second = await connected('sdk-1', fresh);
    await report(second, 'sdk-1', 2);
    expect(await refused('sdk-1-old', { cert, key })).not.toBe('connected');

    // A revocation cuts the session; the SDK tries to come back and is refused.
    const cut = once(second, 'interrupt');
    await w.module.get(RevokeCertificate).run(everyCustomer, { fingerprint: renewed.certificateId ?? '' });
    await cut;
    open.delete(second);
    await second.disconnect();
    expect(await refused('sdk-1', fresh)).not.toBe('connected');
    expect((await w.stored('sdk-1')).map((row) => row.seq)).toEqual([1, 2]);

    // The end.
    await w.module.get(EndInstallation).run(everyCustomer, { deviceId });
    const retired = await w.module.get(ChangeDeviceState).run(everyCustomer, { deviceId, to: 'retired' });
    expect(retired.state).toBe('retired');
    expect(await refused('sdk-1', fresh)).not.toBe('connected');
  });

  it('gets keys made for it', async () => {
    const board = await connected('board-2', claimIdentity());
    const identity = identityOf(board);
    const made = await identity.createKeysAndCertificate({});
    const { certificateOwnershipToken, certificatePem: cert = '', privateKey: key = '' } = made;
    await identity.registerThing({
      templateName: 'rx90',
      certificateOwnershipToken,
      parameters: { SerialNumber: '2' },
    });
    identity.close();
    const device = await connected('sdk-2', { cert, key });
    await report(device, 'sdk-2', 1);
    expect(await w.stored('sdk-2')).toHaveLength(1);
  });

  it('is told why it is refused', async () => {
    const board = await connected('board-3', claimIdentity());
    const identity = identityOf(board);
    const refusal = (work: Promise<unknown>) => work.catch((error: { modeledError?: unknown }) => error.modeledError);
    expect(await refusal(identity.createCertificateFromCsr({ certificateSigningRequest: 'none' }))).toEqual({
      statusCode: 400,
      errorCode: 'InvalidCertificateSigningRequest',
      errorMessage: expect.any(String),
    });
    const certificateOwnershipToken = 'stolen';
    const parameters = { SerialNumber: '3' };
    const stolen = { templateName: 'rx90', certificateOwnershipToken, parameters };
    expect(await refusal(identity.registerThing(stolen))).toMatchObject({
      statusCode: 400,
      errorCode: 'InvalidCertificateOwnershipToken',
    });
    identity.close();
  });
});
