import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastBoot, nextBoot, storeBoot } from './boot-counter.js';
import { loadIdentity, makeIdentity } from './identity.js';

describe('an identity folder', () => {
  let folder: string;
  const put = (name: string, text: string) => writeFile(join(folder, name), text);
  const endpoint = { host: 'localhost', port: 8883, thingName: 'rx90-1', clientId: 'rx90-1-a' };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'identity-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('is read whole: endpoint, PEM files by name, topics and how to play it', async () => {
    const topics = { telemetry: 'a/t', event: 'a/e', committed: 'a/c' };
    const sim = { seed: 5, profile: 'troubled' };
    await put('endpoint.json', JSON.stringify({ ...endpoint, certFile: 'own.pem', topics, sim }));
    await put('own.pem', 'CERT');
    await put('key.pem', 'KEY');
    await put('ca.pem', 'CA');
    expect(await loadIdentity(folder)).toEqual({
      ...endpoint,
      tls: { cert: 'CERT', key: 'KEY', ca: 'CA' },
      topics: { ...topics, resend: 'cmd/rx90-1/telemetry/resend' },
      sim,
    });
  });

  it('falls back to the topics and the client id of its thing, and to plain MQTT when told so', async () => {
    const { clientId: _, ...rest } = endpoint;
    await put('endpoint.json', JSON.stringify({ ...rest, tls: false, sim: { seed: 'x' } }));
    expect(await loadIdentity(folder)).toEqual(makeIdentity('rx90-1', { host: 'localhost', port: 8883, sim: {} }));
  });

  it.each([
    ['{"port":1,"thingName":"a","tls":false}', 'host is missing'],
    ['{"host":"h","port":"1","thingName":"a","tls":false}', 'port is "1"'],
    ['{"host":"h","port":70000,"thingName":"a","tls":false}', 'port is 70000'],
    ['{"host":"h","port":1,"thingName":"","tls":false}', 'thingName is ""'],
    ['null', 'content is null'],
    ['{', 'JSON'],
    [JSON.stringify(endpoint), 'cert.pem'],
  ])('says what is wrong with %s', async (text, fault) => {
    await put('endpoint.json', text);
    await expect(loadIdentity(folder)).rejects.toThrow(fault);
  });

  it('counts its starts on disk before they are used', async () => {
    expect(await lastBoot(folder)).toBe(0);
    expect(await nextBoot(folder)).toBe(1);
    expect(await nextBoot(folder)).toBe(2);
    expect(await readFile(join(folder, 'boot'), 'utf8')).toBe('2\n');
    await storeBoot(folder, 41);
    expect(await nextBoot(folder)).toBe(42);
  });

  it('does not begin again with 1 when the boot file is damaged', async () => {
    await put('boot', 'x17');
    await expect(nextBoot(folder)).rejects.toThrow('"x17" is no boot number');
  });
});
