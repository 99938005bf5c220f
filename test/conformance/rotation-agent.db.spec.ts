import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './support/jobs-devices.js';
import { type UpdateWorld, updateWorld } from './support/updates.js';

const LONG = 240_000;
let w: UpdateWorld;
beforeAll(async () => {
  w = await updateWorld();
}, LONG);
afterAll(() => w.close(), LONG);

interface Seen {
  readonly certificates: { fingerprint: string; state: string }[];
  readonly jobExecutions: { jobId: string; status: string; statusDetails: Record<string, string> }[];
}

const seen = async (id: string): Promise<Seen> => {
  const { device } = await w.ask<{ device: Seen }>(
    `query ($id: ID!) { device(id: $id) { certificates { fingerprint state } jobExecutions { jobId status statusDetails } } }`,
    { id },
  );
  return device;
};
const rotate = (id: string) => w.ask('mutation ($ids: [ID!]!) { rotateCertificates(deviceIds: $ids) }', { ids: [id] });
/** The certificate in use, by the folder alone. */
const inUse = async (folder: string): Promise<string> => {
  const { certFile = 'cert.pem' } = JSON.parse(await readFile(join(folder, 'endpoint.json'), 'utf8')) as {
    certFile?: string;
  };
  const { fingerprint256 } = new X509Certificate(await readFile(join(folder, certFile)));
  return fingerprint256.replaceAll(':', '').toLowerCase();
};
const pems = async (folder: string) => (await readdir(folder)).filter((name) => name.endsWith('.pem')).sort();

describe('a new certificate by the real agent, over TLS', () => {
  it(
    'is made for a new key and used from then on; the old one ends',
    async () => {
      const folder = await w.thing('r-plain');
      const id = await w.idOf('r-plain');
      const former = await inUse(folder);
      const agent = await w.agent(folder, '120s');
      await rotate(id);
      // Asked twice before it is done: one job.
      await rotate(id);
      const jobId = `rotate-${former.slice(0, 16)}`;
      const done = await until(async () => {
        await w.handOn();
        const now = await seen(id);
        return now.jobExecutions.every(({ status }) => status === 'SUCCEEDED') && now.jobExecutions.length > 0 && now;
      });
      const fresh = await inUse(folder);
      expect(fresh).not.toBe(former);
      expect(done.jobExecutions).toEqual([{ jobId, status: 'SUCCEEDED', statusDetails: { certificateId: fresh } }]);
      expect(done.certificates.map(({ fingerprint, state }) => `${state} ${fingerprint}`).sort()).toEqual(
        [`active ${fresh}`, `revoked ${former}`].sort(),
      );
      await until(async () => (await pems(folder)).length === 3);
      expect(await pems(folder)).toEqual(['ca.pem', `cert-${jobId}.pem`, `key-${jobId}.pem`]);
      await agent.stop();
      expect(await agent.exit).toBe(0);

      const again = await w.agent(folder, '120s');
      await rotate(id);
      await until(async () => {
        await w.handOn();
        return (await inUse(folder)) !== fresh;
      });
      await until(async () => {
        const { jobExecutions } = await seen(id);
        return jobExecutions.length === 2 && jobExecutions.every(({ status }) => status === 'SUCCEEDED');
      });
      await again.stop();
      expect(await again.exit).toBe(0);
    },
    LONG,
  );
});
