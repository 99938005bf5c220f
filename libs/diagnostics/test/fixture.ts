import { Test } from '@nestjs/testing';
import { InstallDevice, RecordConnect, RecordDisconnect } from '@throughline/fleet';
import { Database, everyCustomer, PlatformModule } from '@throughline/platform';
import { type Fleet, fleet } from '../../fleet/test/fixture.js';
import { type CommandInput, DiagnosticsModule, RegisterCommand } from '../src/index.js';

export const selfTest: CommandInput = {
  name: 'run-self-test',
  title: 'Self-test',
  argumentsSchema: { type: 'object', additionalProperties: false },
  resultSchema: {
    type: 'object',
    properties: { outcome: { enum: ['pass', 'fail'] } },
    required: ['outcome'],
    additionalProperties: false,
  },
  timeoutSeconds: 60,
  expirySeconds: 3_600,
  payload: 'named',
};

export const setInterval: CommandInput = {
  ...selfTest,
  name: 'set-report-interval',
  title: 'Set the report interval',
  argumentsSchema: {
    type: 'object',
    properties: { seconds: { type: 'integer', minimum: 1, maximum: 3_600 } },
    required: ['seconds'],
    additionalProperties: false,
  },
  resultSchema: { type: 'object' },
};

/** A fleet whose model has commands, and short ways to have devices come and go. */
export interface Workshop extends Fleet {
  get<T>(type: new (...args: never[]) => T): T;
  /** A device installed on an asset of its own; not connected. */
  installed(thingName: string, customer?: { siteId: string }): Promise<{ deviceId: string; assetId: string }>;
  connect(thingName: string): Promise<void>;
  disconnect(thingName: string): Promise<void>;
  /** Messages that wait for a gateway, oldest first; they are taken. */
  downlink(): Promise<{ topic: string; payload: unknown }[]>;
}

export async function workshop(env: Record<string, string> = {}): Promise<Workshop> {
  const f = await fleet(env);
  const module = await Test.createTestingModule({
    imports: [PlatformModule.forRoot(f.config, f.clock), DiagnosticsModule],
  }).compile();
  await module.init();
  const get = <T>(type: new (...args: never[]) => T): T => module.get(type, { strict: false });
  for (const command of [selfTest, setInterval]) await get(RegisterCommand).run(f.model.id, command);
  const at = () => f.clock.now();
  return {
    ...f,
    // That of the use cases, so that a transaction of a test is theirs.
    database: get(Database),
    get,
    installed: async (thingName, customer) => {
      const [device, asset] = [await f.device(thingName), await f.asset(`S-${thingName}`, customer)];
      await get(InstallDevice).run(everyCustomer, { deviceId: device.id, assetId: asset.id, at: at() });
      return { deviceId: device.id, assetId: asset.id };
    },
    connect: async (thingName) => {
      const connection = { thingName, clientId: thingName, gateway: 'g', remoteAddress: null, at: at() };
      await get(RecordConnect).run(connection);
    },
    disconnect: async (thingName) => {
      const [open] = await f.rows<{ session_id: string }>(
        `select p.session_id from presence_interval p join device d on d.id = p.device_id
         where d.thing_name = ? and p.disconnected_at is null`,
        [thingName],
      );
      const sessionId = open?.session_id ?? '';
      await get(RecordDisconnect).run({ thingName, sessionId, at: at(), reason: 'client_disconnect' });
    },
    downlink: async () => {
      const rows = await f.rows<{ id: string; topic: string; payload: Buffer }>('select * from downlink order by id');
      await f.rows('delete from downlink');
      return rows.map(({ topic, payload }) => ({ topic, payload: JSON.parse(payload.toString()) as unknown }));
    },
    close: async () => {
      await module.close();
      await f.close();
    },
  };
}
