import { Test, type TestingModule } from '@nestjs/testing';
import { EndInstallation, InstallDevice, IssueDeviceCertificate } from '@throughline/fleet';
import { everyCustomer, PlatformModule } from '@throughline/platform';
import { type MetricDefinition, RegisterSchema, TelemetryModule } from '@throughline/telemetry';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { type Fleet, fleet } from '../../../libs/fleet/test/fixture.js';
import { Gateway } from '../src/gateway.js';
import { GatewayModule } from '../src/gateway.module.js';

export const metrics: MetricDefinition[] = [
  { name: 'pressure_bar', title: 'Pressure', unit: 'bar', kind: 'gauge', min: 0, max: 16 },
  { name: 'output_m3', title: 'Output', unit: 'm3', kind: 'counter', rollover: 1e9 },
  { name: 'state', title: 'State', unit: '1', kind: 'state', min: 0, max: 7 },
];

/** A gateway on a fresh database and short ways to be its devices. The clock stands. */
export interface World extends Fleet {
  readonly gateway: TestingModule;
  readonly mqttUrl: string;
  readonly mqttsUrl: string;
  /** Event times are given relative to it, ms. */
  readonly now: number;
  /** A device installed on an asset of its own. */
  installed(thingName: string): Promise<{ deviceId: string; assetId: string }>;
  end(deviceId: string, at: number): Promise<void>;
  install(deviceId: string, assetId: string, at: number): Promise<void>;
  plain(thingName: string, options?: IClientOptions): Promise<MqttClient>;
  /** With a new certificate of that thing; with those of the options alone when the name is "". */
  secure(thingName: string, options?: IClientOptions): Promise<MqttClient>;
  stored(thingName: string): Promise<StoredRow[]>;
  quarantined(
    thingName: string,
  ): Promise<{ reason: string; rule: string; boot: number | null; seq: string | null; raw: Buffer }[]>;
}

export interface StoredRow {
  boot: number;
  seq: number;
  ts: number;
  asset_id: string | null;
  values: number[];
}

export async function world(): Promise<World> {
  const f = await fleet({ MQTT_PORT: '0', MQTTS_PORT: '0' });
  const setup = await Test.createTestingModule({
    imports: [PlatformModule.forRoot(f.config, f.clock), TelemetryModule],
  }).compile();
  await setup.init();
  await setup.get(RegisterSchema).run(f.model.id, metrics);
  const gateway = await Test.createTestingModule({ imports: [GatewayModule.with(f.config, f.clock)] }).compile();
  await gateway.init();
  const { mqttUrl = '', mqttsUrl = '' } = await gateway.get(Gateway).start();
  const now = f.clock.now().getTime();
  const clients = new Set<MqttClient>();
  const connect = async (url: string, options: IClientOptions): Promise<MqttClient> => {
    const client = await connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0, ...options }, false);
    client.on('error', () => undefined);
    clients.add(client);
    return client;
  };
  const install = async (deviceId: string, assetId: string, at: number): Promise<void> =>
    void (await f.module.get(InstallDevice).run(everyCustomer, { deviceId, assetId, at: new Date(at) }));
  return {
    ...f,
    gateway,
    mqttUrl,
    mqttsUrl,
    now,
    installed: async (thingName) => {
      const [device, asset] = [await f.device(thingName), await f.asset(`S-${thingName}`)];
      await install(device.id, asset.id, now - 86_400_000);
      return { deviceId: device.id, assetId: asset.id };
    },
    install,
    end: async (deviceId, at) =>
      void (await f.module.get(EndInstallation).run(everyCustomer, { deviceId, at: new Date(at) })),
    plain: (thingName, options) => connect(mqttUrl, { clientId: thingName, username: thingName, ...options }),
    secure: async (thingName, options) => {
      if (options?.cert !== undefined && options.key !== undefined && thingName === '')
        return connect(mqttsUrl, options);
      const [device] = await f.rows<{ id: string }>('select id from device where thing_name = ?', [thingName]);
      const issued = await f.module.get(IssueDeviceCertificate).run(everyCustomer, { deviceId: device?.id ?? '' });
      const { caPem, certificatePem, privateKeyPem } = issued;
      return connect(mqttsUrl, {
        clientId: thingName,
        ca: caPem,
        cert: certificatePem,
        key: privateKeyPem,
        ...options,
      });
    },
    stored: (thingName) =>
      f.rows<StoredRow>(
        `select m.boot, m.seq::float8 as seq, (extract(epoch from m.ts) * 1000)::float8 as ts, m.asset_id, m."values"
         from message m join device d on d.id = m.device_id where d.thing_name = ? order by m.boot, m.seq`,
        [thingName],
      ),
    quarantined: (thingName) =>
      f.rows(
        'select reason, rule, boot, seq, raw from quarantined_message where thing_name = ? order by boot, seq, reason',
        [thingName],
      ),
    close: async () => {
      await Promise.all([...clients].map((client) => client.endAsync(true)));
      await gateway.close();
      await setup.close();
      await f.close();
    },
  };
}
