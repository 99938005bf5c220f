import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { makeAuthority, type TestAuthority } from '../../../test/authority.js';
import { loadIdentity } from '../identity.js';
import type { ReportedStatus } from '../updater/update-jobs.js';
import { IdentityFiles } from './identity-files.js';
import { Rotation } from './rotation.js';
import { SigningRefused } from './sdk-certificates.js';
import { signingRequest } from './signing-request.js';

const job = { jobId: 'rotate-1', executionNumber: 1, document: { operation: 'rotate-certificate' } };

describe('a certificate rotation', () => {
  let folder: string;
  let authority: TestAuthority;
  let said: { status: ReportedStatus; details: object }[];
  let requests: string[];

  beforeAll(async () => {
    authority = await makeAuthority();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rotation-'));
    const { cert, key, ca } = await authority.issue('thing');
    for (const [name, text] of Object.entries({ 'cert.pem': cert, 'key.pem': key, 'ca.pem': ca }))
      await writeFile(join(folder, name), text);
    await writeFile(join(folder, 'endpoint.json'), JSON.stringify({ thingName: 'thing', host: 'h', port: 1, more: 2 }));
    said = [];
    requests = [];
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** A process, which ends at the `dies`th thing that it does outside of itself. */
  const processOf = (dies = Number.POSITIVE_INFINITY, sign = (csr: string) => authority.sign(csr, 'thing')) => {
    let steps = 0;
    const step = async <T>(work: () => T | Promise<T>): Promise<T> => {
      steps += 1;
      if (steps === dies) throw new Error('died');
      const result = await work();
      // What it did is done, and it never heard of it.
      if (steps + 0.5 === dies) throw new Error('died');
      return result;
    };
    return new Rotation({
      thingName: 'thing',
      files: new IdentityFiles(folder),
      jobs: {
        update: (_, status, details) =>
          step(() => {
            said.push({ status, details });
            return 'taken' as const;
          }),
      },
      sign: (csr) =>
        step(async () => {
          requests.push(csr);
          return sign(csr);
        }),
      reconnect: () => step(async () => (await loadIdentity(folder)).tls?.cert),
      log: () => undefined,
    });
  };
  const isWhole = async (): Promise<string> => {
    const { tls, ...identity } = await loadIdentity(folder);
    if (!tls) throw new Error('no TLS');
    expect(new X509Certificate(tls.cert).checkPrivateKey(createPrivateKey(tls.key))).toBe(true);
    expect(identity).toMatchObject({ thingName: 'thing', host: 'h', port: 1 });
    return tls.cert;
  };

  it.each([1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5])(
    'has one whole identity on disk wherever its process ends, and goes on with the same key (%s)',
    async (dies) => {
      const before = await isWhole();
      await expect(processOf(dies).run(job)).rejects.toThrow('died');
      await isWhole();
      await processOf().run(job);
      expect(await isWhole()).not.toBe(before);
      expect(
        new Set(requests.map((csr) => new x509.Pkcs10CertificateRequest(csr).publicKey.toString('pem'))).size,
      ).toBe(1);
      expect(said.at(-1)).toEqual({
        status: 'SUCCEEDED',
        details: { certificateId: expect.stringMatching(/^[0-9a-f]{64}$/) },
      });
      expect((await readdir(folder)).sort()).toEqual([
        'ca.pem',
        'cert-rotate-1.pem',
        'endpoint.json',
        'key-rotate-1.pem',
      ]);
    },
  );

  it('follows another one', async () => {
    await processOf().run(job);
    const first = await isWhole();
    await processOf().run({ ...job, jobId: 'rotate-2' });
    expect(await isWhole()).not.toBe(first);
    expect(await readdir(folder)).not.toContain('cert-rotate-1.pem');
  });

  it('leaves the identity as it is when the service refuses, and says why', async () => {
    const before = await isWhole();
    await processOf(undefined, async () => Promise.reject(new SigningRefused('KeyInUse: no'))).run(job);
    expect(said.at(-1)).toEqual({ status: 'FAILED', details: { reason: 'KeyInUse: no' } });
    expect(await isWhole()).toBe(before);
    expect((await readdir(folder)).sort()).toEqual(['ca.pem', 'cert.pem', 'endpoint.json', 'key.pem']);
  });

  it('does not use a certificate of another key', async () => {
    const before = await isWhole();
    const strange = processOf(undefined, async () => (await authority.issue('thing')).cert);
    await expect(strange.run(job)).rejects.toThrow('not of the key');
    expect(await isWhole()).toBe(before);
  });
});

it('a signing request is signed by its key and names the thing', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const request = new x509.Pkcs10CertificateRequest(signingRequest(privateKey, 'a-thing'.padEnd(128, 'x')));
  expect(request.subject).toBe(`CN=${'a-thing'.padEnd(128, 'x')}`);
  expect(await request.verify()).toBe(true);
});
