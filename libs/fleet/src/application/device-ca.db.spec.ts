import { X509Certificate } from 'node:crypto';
import { hostname } from 'node:os';
import tls from 'node:tls';
import { Test } from '@nestjs/testing';
import {
  AuthenticateDevice,
  ChangeDeviceState,
  DeviceCa,
  FleetModule,
  GatewayCertificate,
  IssueDeviceCertificate,
  RevokeCertificate,
} from '@throughline/fleet';
import { everyCustomer, PlatformModule } from '@throughline/platform';
import { testModule } from '../../../../test/support/database.js';
import { type Fleet, fleet } from '../../test/fixture.js';

let f: Fleet;
beforeAll(async () => {
  f = await fleet({ PUBLIC_URL: 'https://fleet.example.com:8443/portal' });
});
afterAll(() => f.close());

const issue = async (thingName: string) =>
  f.module.get(IssueDeviceCertificate).run(everyCustomer, { deviceId: (await f.device(thingName)).id });

/** The thing the server saw, when client and server accept each other; else the first refusal. */
async function handshake(server: tls.TlsOptions, client: tls.ConnectionOptions): Promise<string> {
  const listening = tls.createServer({ requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2', ...server });
  const seen = new Promise<string>((resolve, reject) => {
    listening.once('secureConnection', (socket) => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.end();
    });
    listening.once('tlsClientError', reject);
  });
  seen.catch(() => undefined);
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  try {
    const address = listening.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const connected = new Promise<void>((resolve, reject) => {
      const socket = tls.connect({ port: address.port, host: '127.0.0.1', ...client }, () => resolve());
      socket.on('error', reject);
      socket.on('end', () => socket.destroy());
    });
    const [thing] = await Promise.all([seen, connected]);
    return thing ?? '';
  } finally {
    listening.close();
  }
}

describe('device CA', () => {
  it('is one self-signed P-256 root that may sign leaves only', async () => {
    const root = new X509Certificate(await f.module.get(DeviceCa).certificatePem());
    expect(root.subject).toMatch(/^CN=Throughline [0-9a-f]{8} device CA$/);
    expect(root.verify(root.publicKey)).toBe(true);
    expect(root.ca).toBe(true);
    expect(root.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(root.toString()).toBe((await f.module.get(DeviceCa).certificatePem()).trim().concat('\n'));
    const years = (Date.parse(root.validTo) - Date.parse(root.validFrom)) / (365.25 * 86_400_000);
    expect(years).toBeCloseTo(20, 1);
    expect(root.validTo).toContain('2046');
  });

  it('is the same for processes that start at once', async () => {
    const fresh = await testModule();
    const others = await Promise.all(
      [1, 2, 3, 4].map(async () => {
        const second = await Test.createTestingModule({
          imports: [PlatformModule.forRoot(fresh.config, fresh.clock), FleetModule],
        }).compile();
        await second.init();
        return second;
      }),
    );
    const roots = await Promise.all(others.map((m) => m.get(DeviceCa).certificatePem()));
    expect(new Set(roots).size).toBe(1);
    expect(new Set(await Promise.all(others.map((m) => m.get(DeviceCa).certificatePem())))).toEqual(new Set(roots));
    await Promise.all(others.map((m) => m.close()));
    await fresh.close();
  });

  it('leaves no private key in clear in any table', async () => {
    const { privateKeyPem } = await issue('clear-1');
    const secrets = [privateKeyPem.split('\n')[1] ?? '', 'PRIVATE KEY'];
    const tables = await f.rows<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
    );
    expect(tables.length).toBeGreaterThan(30);
    for (const { name } of tables) {
      if (name === 'schema_migration') continue;
      const text = JSON.stringify(await f.rows(`select * from "${name}"`));
      for (const secret of secrets) expect(text.includes(secret)).toBe(false);
      // The sealed value is base64; were it only encoded and not sealed, this would show.
      expect(Buffer.from(text, 'base64').includes('PRIVATE KEY')).toBe(false);
    }
    const [sealed] = await f.rows<{ sealed: string }>('select sealed from installation_secret where name = ?', [
      'fleet.device-ca',
    ]);
    expect(Buffer.from(sealed?.sealed ?? '', 'base64').toString('latin1')).not.toContain('BEGIN');
    expect(sealed?.sealed.length).toBeGreaterThan(500);
  });
});

describe('device certificate', () => {
  it('names the thing, is for clients only, and its id is the SHA-256 of its DER', async () => {
    const { certificate, certificatePem, caPem } = await issue('rx90_1');
    const [x, root] = [new X509Certificate(certificatePem), new X509Certificate(caPem)];
    expect(x.subject).toBe('CN=rx90_1');
    expect(x.checkIssued(root)).toBe(true);
    expect(x.verify(root.publicKey)).toBe(true);
    expect(x.ca).toBe(false);
    expect(x.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(x.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(certificate.fingerprint);
    expect(x.serialNumber.toLowerCase()).toBe(certificate.serialNumber);
    expect(certificate.serialNumber).toMatch(/^[4-7][0-9a-f]{31}$/);
    expect(new Date(x.validTo)).toEqual(certificate.notAfter);
    expect(x.validTo).toBe(root.validTo);
    expect(new Date(x.validFrom).getTime()).toBeLessThan(f.clock.now().getTime());
  });

  it('is another one each time, with another key', async () => {
    const device = await f.device('twice');
    const run = () => f.module.get(IssueDeviceCertificate).run(everyCustomer, { deviceId: device.id });
    const [a, b] = [await run(), await run()];
    expect(a.certificate.fingerprint).not.toBe(b.certificate.fingerprint);
    expect(a.certificate.serialNumber).not.toBe(b.certificate.serialNumber);
    expect(a.privateKeyPem).not.toBe(b.privateKeyPem);
  });

  it('has a limit of ten active ones a device', async () => {
    const device = await f.device('many');
    const run = () => f.module.get(IssueDeviceCertificate).run(everyCustomer, { deviceId: device.id });
    const made = [];
    for (let i = 0; i < 10; i++) made.push(await run());
    await expect(run()).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('10 active certificates'),
    });
    await f.module.get(RevokeCertificate).run(everyCustomer, { fingerprint: made[0]?.certificate.fingerprint ?? '' });
    await expect(run()).resolves.toBeDefined();
  });
});

describe('gateway certificate', () => {
  it('is for the names devices may reach the gateway by', async () => {
    const { cert, ca } = await f.module.get(GatewayCertificate).current();
    const x = new X509Certificate(cert);
    expect(x.checkIssued(new X509Certificate(ca))).toBe(true);
    expect(x.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    for (const name of ['localhost', 'fleet.example.com', hostname()]) expect(x.checkHost(name)).toBeDefined();
    for (const ip of ['127.0.0.1', '::1']) expect(x.checkIP(ip)).toBeDefined();
    expect(x.checkHost('example.com')).toBeUndefined();
  });

  it('is the same until less than 30 days are left of it', async () => {
    const { clock, module } = f;
    const start = clock.now();
    const certificates = module.get(GatewayCertificate);
    const first = await certificates.current();
    clock.set(new Date(first.notAfter.getTime() - 30 * 86_400_000));
    expect((await certificates.current()).cert).toBe(first.cert);
    clock.advance(1);
    const second = await certificates.current();
    expect(second.cert).not.toBe(first.cert);
    expect(second.ca).toBe(first.ca);
    expect(second.notAfter.getTime()).toBeGreaterThan(first.notAfter.getTime());
    clock.set(start);
  });

  it('and a device trust each other over TLS; neither stands in for the other, and a stranger is refused', async () => {
    // TLS goes by the machine's calendar, so these installations live today.
    const [here, elsewhere] = await Promise.all([1, 2].map(() => fleet({}, new Date().toISOString())));
    if (!here || !elsewhere) throw new Error('two installations are needed');
    const credentials = async ({ module, device }: Fleet) =>
      module.get(IssueDeviceCertificate).run(everyCustomer, { deviceId: (await device('tls-1')).id });
    const gateway = await here.module.get(GatewayCertificate).current();
    const [device, stranger] = [await credentials(here), await credentials(elsewhere)];
    const server = { cert: gateway.cert, key: gateway.key, ca: gateway.ca };
    const client = { cert: device.certificatePem, key: device.privateKeyPem, ca: device.caPem };
    await expect(handshake(server, client)).resolves.toBe('tls-1');
    const asServer = { ...server, cert: device.certificatePem, key: device.privateKeyPem };
    await expect(handshake(asServer, client)).rejects.toThrow();
    await expect(handshake(server, { ...client, cert: gateway.cert, key: gateway.key })).rejects.toThrow();
    const asStranger = { ...client, cert: stranger.certificatePem, key: stranger.privateKeyPem };
    await expect(handshake(server, asStranger)).rejects.toThrow();
    await Promise.all([here.close(), elsewhere.close()]);
  });
});

describe('AuthenticateDevice', () => {
  const authenticate = (fingerprint: string) => f.module.get(AuthenticateDevice).run(fingerprint);

  it('knows a device by its certificate, however the fingerprint is written', async () => {
    const { certificate, certificatePem } = await issue('auth-1');
    const expected = {
      accepted: true,
      kind: 'device',
      deviceId: certificate.deviceId,
      thingName: 'auth-1',
      modelId: f.model.id,
      state: 'manufactured',
      rotated: false,
    };
    expect(await authenticate(certificate.fingerprint)).toEqual(expected);
    expect(await authenticate(new X509Certificate(certificatePem).fingerprint256)).toEqual(expected);
  });

  it('refuses unknown, revoked and expired certificates, suspended and retired devices', async () => {
    const { module, clock } = f;
    expect(await authenticate('00'.repeat(32))).toEqual({ accepted: false, reason: 'unknown_certificate' });
    const { certificate } = await issue('auth-2');
    const fingerprint = certificate.fingerprint;
    const start = clock.now();
    clock.set(certificate.notAfter);
    expect(await authenticate(fingerprint)).toEqual({ accepted: false, reason: 'expired_certificate' });
    clock.set(start);
    const move = (to: 'claimed' | 'suspended' | 'active' | 'quarantined' | 'retired') =>
      module.get(ChangeDeviceState).run(everyCustomer, { deviceId: certificate.deviceId, to });
    await move('claimed');
    await move('suspended');
    expect(await authenticate(fingerprint)).toEqual({ accepted: false, reason: 'suspended_device' });
    await move('active');
    expect(await authenticate(fingerprint)).toMatchObject({ accepted: true, state: 'active' });
    await move('quarantined');
    expect(await authenticate(fingerprint)).toMatchObject({ accepted: true, state: 'quarantined' });
    await move('retired');
    expect(await authenticate(fingerprint)).toEqual({ accepted: false, reason: 'revoked_certificate' });
    expect(await module.get(AuthenticateDevice).byThingName('auth-2')).toEqual({
      accepted: false,
      reason: 'retired_device',
    });
    await expect(move('active')).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
    await expect(
      module.get(IssueDeviceCertificate).run(everyCustomer, { deviceId: certificate.deviceId }),
    ).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
    expect((await f.events('fleet.device-state-changed')).map((e) => `${e.from}>${e.to}`)).toEqual([
      'manufactured>claimed',
      'claimed>suspended',
      'suspended>active',
      'active>quarantined',
      'quarantined>retired',
    ]);
  });

  it('refuses one certificate that was revoked and not the other of the same device', async () => {
    const device = await f.device('auth-3');
    const run = () => f.module.get(IssueDeviceCertificate).run(everyCustomer, { deviceId: device.id });
    const [a, b] = [await run(), await run()];
    const revoke = () => f.module.get(RevokeCertificate).run(everyCustomer, { fingerprint: a.certificate.fingerprint });
    const revoked = await revoke();
    f.clock.advance(1000);
    expect(await revoke()).toEqual(revoked);
    expect(await authenticate(a.certificate.fingerprint)).toEqual({ accepted: false, reason: 'revoked_certificate' });
    expect(await authenticate(b.certificate.fingerprint)).toMatchObject({ accepted: true });
  });
});
