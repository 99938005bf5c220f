import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AuthenticateDevice,
  CreateAsset,
  DeviceDirectory,
  Devices,
  FleetModule,
  RegisterModel,
} from '@throughline/fleet';
import { CreateOrganisation, CreateSite, IdentityModule, systemScope } from '@throughline/identity';
import { everyCustomer } from '@throughline/platform';
import { type TestContext, testModule } from '../../../../test/support/database.js';
import { createDeviceFiles } from './create-device-files.js';

const state = { metric: 'state', states: { 2: { name: 'loaded', category: 'producing' as const } } };
let context: TestContext;
let folder: string;
beforeAll(async () => {
  context = await testModule([IdentityModule, FleetModule]);
  folder = mkdtempSync(join(tmpdir(), 'throughline-device-'));
  for (const name of ['compressor-rx90', 'pump-p100'])
    await context.module.get(RegisterModel).run({ name, title: name, staleAfterMs: 180_000, stateMap: state });
});
afterAll(async () => {
  await context.close();
  rmSync(folder, { recursive: true });
});

const create = (thing: string, out: string, more: { model?: string; asset?: string } = {}) =>
  createDeviceFiles(context.module, {
    model: 'compressor-rx90',
    thing,
    out: join(folder, out),
    host: 'localhost',
    port: 8883,
    ...more,
  });
const exists = (thingName: string): Promise<boolean> =>
  context.module
    .get(Devices)
    .byThingName(everyCustomer, thingName)
    .then(
      () => true,
      () => false,
    );

describe('device create', () => {
  it('writes an identity that the gateway accepts', async () => {
    await create('rx90_1', 'a/b');
    const read = (file: string): string => readFileSync(join(folder, 'a/b', file), 'utf8');
    expect(readdirSync(join(folder, 'a/b')).sort()).toEqual(['ca.pem', 'cert.pem', 'endpoint.json', 'key.pem']);
    expect(statSync(join(folder, 'a/b/key.pem')).mode & 0o777).toBe(0o600);
    const certificate = new X509Certificate(read('cert.pem'));
    expect(certificate.checkIssued(new X509Certificate(read('ca.pem')))).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(read('key.pem')))).toBe(true);
    expect(certificate.subject).toBe('CN=rx90_1');
    expect(JSON.parse(read('endpoint.json'))).toEqual({
      host: 'localhost',
      port: 8883,
      thingName: 'rx90_1',
      clientId: 'rx90_1',
      caFile: 'ca.pem',
      certFile: 'cert.pem',
      keyFile: 'key.pem',
      topics: {
        telemetry: 'dt/rx90_1/telemetry',
        event: 'dt/rx90_1/event',
        committed: 'cmd/rx90_1/telemetry/committed',
      },
    });
    const fingerprint = createHash('sha256').update(certificate.raw).digest('hex');
    expect(await context.module.get(AuthenticateDevice).run(fingerprint)).toMatchObject({
      accepted: true,
      thingName: 'rx90_1',
    });
  });

  it('installs it at an asset when asked', async () => {
    const { module } = context;
    const customer = await module.get(CreateOrganisation).execute(systemScope, { kind: 'customer', name: 'Acme' });
    const site = await module
      .get(CreateSite)
      .execute(systemScope, { customerId: customer.id, name: 'Works', timeZone: 'Europe/Berlin' });
    const { modelId } = await module.get(Devices).byThingName(everyCustomer, 'rx90_1');
    const asset = await module
      .get(CreateAsset)
      .run(everyCustomer, { siteId: site.id, modelId, serialNumber: 'SN-1', name: 'One' });
    await create('rx90_2', 'installed', { asset: 'SN-1' });
    expect((await module.get(DeviceDirectory).find('rx90_2'))?.installations).toMatchObject([
      { assetId: asset.id, to: null },
    ]);
    await expect(create('rx90_3', 'third', { asset: 'SN-1' })).rejects.toThrow(
      'the asset has another device in that time',
    );
    await expect(create('rx90_3', 'third', { asset: 'SN-9' })).rejects.toThrow('"SN-9" does not exist');
    expect(await exists('rx90_3')).toBe(false);
    expect(existsSync(join(folder, 'third'))).toBe(false);
  });

  it('says clearly what is wrong, and then has done nothing', async () => {
    await expect(create('rx90_1', 'taken')).rejects.toThrow('a device with thing name "rx90_1" is registered already');
    await expect(create('bad name', 'bad')).rejects.toThrow(
      '--thing: must be 1 to 128 of the characters a-z A-Z 0-9 : _ - (given: "bad name")',
    );
    await expect(create('new', 'none', { model: 'nope' })).rejects.toThrow(
      'no model is named "nope" (models: compressor-rx90, pump-p100)',
    );
    for (const out of ['taken', 'bad', 'none']) expect(existsSync(join(folder, out))).toBe(false);
    expect(await exists('new')).toBe(false);
  });

  it('never overwrites a file, not even one of them', async () => {
    mkdirSync(join(folder, 'kept'));
    writeFileSync(join(folder, 'kept/key.pem'), 'precious');
    await expect(create('kept', 'kept')).rejects.toThrow('holds key.pem already: name another folder with --out');
    expect(readFileSync(join(folder, 'kept/key.pem'), 'utf8')).toBe('precious');
    expect(await exists('kept')).toBe(false);
  });

  it('registers nothing when the folder cannot be written', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(create('blocked', 'file/below')).rejects.toThrow(/^--out: .*file\/below cannot be written/);
    expect(await exists('blocked')).toBe(false);
    await create('blocked', 'free');
    expect(await exists('blocked')).toBe(true);
  });
});
