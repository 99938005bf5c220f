import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { RegisterModel } from '@throughline/fleet';
import { DownloadLinks, MAX_ARTEFACT_BYTES } from '@throughline/ota';
import request from 'supertest';
import { type ApiUnderTest, startApi } from '../../../../../test/support/api.js';
import { compressor } from '../../../../fleet/test/fixture.js';
import { ArtefactFiles } from '../../storage/artefact-files.js';

let api: ApiUnderTest;
let dataDir: string;
const image = randomBytes(300_000);
const sha256 = createHash('sha256').update(image).digest('hex');

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'artefacts-'));
  api = await startApi({ DATA_DIR: dataDir });
  await api.app.get(RegisterModel).run(compressor);
});
afterAll(async () => {
  await api.close();
  await rm(dataDir, { recursive: true });
});

const label = (change: Record<string, string> = {}) => ({
  model: 'compressor-rx90',
  hardware: 'rx90-a',
  version: '2.0.0',
  counter: '2',
  fileName: 'rx90 2.0.json',
  ...change,
});

async function upload(
  body: Buffer,
  query: Record<string, string>,
  role: Parameters<ApiUnderTest['signIn']>[0] = 'fleet',
) {
  return request(api.url)
    .post('/artefacts')
    .query(query)
    .set('authorization', `Bearer ${await api.signIn(role)}`)
    .set('content-type', 'application/octet-stream')
    .send(body);
}

const codeOf = (answer: { body: { errors?: { extensions: { code: string } }[] } }) =>
  answer.body.errors?.[0]?.extensions.code;
const messageOf = (answer: { body: { errors?: { message: string }[] } }) => answer.body.errors?.[0]?.message;
const left = () => readdir(join(dataDir, 'artefacts', 'incoming'));
const rows = (sql: string) =>
  api.database.transaction({ kind: 'all' }, (em) => em.execute<Record<string, unknown>[]>(sql));

describe('an upload', () => {
  it('is on disk under its hash, with a row that says who sent it, and in the audit trail', async () => {
    const answer = await upload(image, label({ sha256 }));
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      hardwareId: 'rx90-a',
      version: '2.0.0',
      counter: 2,
      length: image.length,
      sha256,
      fileName: 'rx90 2.0.json',
      uploadedBy: 'fleet of Maker',
      uploadedAt: '2026-03-02T08:00:00.000Z',
    });
    expect((await readdir(join(dataDir, 'artefacts'))).sort()).toEqual([sha256, 'incoming'].sort());
    expect(await left()).toEqual([]);
    expect(
      await rows(
        `select actor_name, outcome, detail->>'result' as result from audit_entry where action = 'uploadArtefact'`,
      ),
    ).toEqual([{ actor_name: 'fleet of Maker', outcome: 'done', result: answer.body.id }]);
  });

  it('done again gives what is there, also by PUT; another file under the label is refused', async () => {
    const [first] = await rows('select id from artefact');
    const again = await request(api.url)
      .put('/artefacts')
      .query(label())
      .set('authorization', `Bearer ${await api.signIn('admin')}`)
      .set('content-type', 'application/octet-stream')
      .send(image);
    expect(again.body.id).toBe(first?.id);
    expect(codeOf(await upload(randomBytes(10), label()))).toBe('CONFLICT');
    expect(codeOf(await upload(image, label({ counter: '3' })))).toBe('CONFLICT');
    expect(await left()).toEqual([]);
  });

  it('is refused without a token, with a wrong one and without the permission, before the body is read', async () => {
    const none = await request(api.url)
      .post('/artefacts')
      .query(label())
      .set('content-type', 'application/octet-stream')
      .send(image);
    expect([none.status, codeOf(none)]).toEqual([401, 'UNAUTHENTICATED']);
    const wrong = await request(api.url)
      .post('/artefacts')
      .query(label())
      .set('authorization', 'Bearer nonsense')
      .set('content-type', 'application/octet-stream')
      .send(image);
    expect([wrong.status, codeOf(wrong)]).toEqual([401, 'UNAUTHENTICATED']);
    for (const role of ['service', 'owner', 'analyst'] as const)
      expect(codeOf(await upload(image, label({ version: '9' }), role))).toBe('FORBIDDEN');
    expect(await rows(`select 1 from artefact where version = '9'`)).toEqual([]);
  });

  it.each<[string, Record<string, string>, string]>([
    ['an unknown model', { model: 'no-such' }, 'model "no-such" does not exist'],
    ['a bad version', { version: '../2' }, 'version: must be'],
    ['no counter', { counter: 'two' }, 'counter: must be'],
    ['a path as name', { fileName: 'a/b' }, 'fileName: must be'],
    ['another hash', { version: '2.0.1', sha256: 'a'.repeat(64) }, 'sha256: must be that of the body'],
  ])('with %s is refused with the reason', async (_, change, message) => {
    expect(messageOf(await upload(image, label(change)))).toContain(message);
    expect(await left()).toEqual([]);
  });

  it('of nothing, of another type and of too much is refused', async () => {
    expect(messageOf(await upload(Buffer.alloc(0), label({ version: '3' })))).toContain('body: must not be empty');
    const token = await api.signIn('fleet');
    const typed = await request(api.url)
      .post('/artefacts')
      .query(label())
      .set('authorization', `Bearer ${token}`)
      .send({ a: 1 });
    expect(messageOf(typed)).toContain('content-type: must be application/octet-stream');
    const long = await fetch(`${api.url}/artefacts?${new URLSearchParams(label({ version: '3' }))}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream', 'content-length': '9' },
      body: 'too short',
    });
    expect(long.status).toBe(201);
    const files = api.app.get(ArtefactFiles);
    await expect(files.receive(Readable.from([Buffer.alloc(60), Buffer.alloc(60)]), 100)).rejects.toThrow(
      'body: must have at most 100 bytes',
    );
    expect(await left()).toEqual([]);
  });

  it('that says it is too long is refused before it comes', async () => {
    const { connect } = await import('node:net');
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /artefacts?${new URLSearchParams(label({ version: '4' }))} HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\n` +
        `authorization: Bearer ${await api.signIn('fleet')}\r\ncontent-length: ${MAX_ARTEFACT_BYTES + 1}\r\n\r\n`,
    );
    const answer = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain(`must have at most ${MAX_ARTEFACT_BYTES} bytes`);
  });
});

describe('a download', () => {
  let path: string;
  const get = (headers: Record<string, string> = {}, at = path) =>
    request(api.url).get(at).set(headers).buffer(true).parse(bytes);
  const bytes = (answer: request.Response, done: (error: Error | null, body: Buffer) => void): void => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('end', () => done(null, Buffer.concat(chunks)));
  };

  beforeAll(async () => {
    const [row] = await rows(`select id from artefact where version = '2.0.0'`);
    const url = new URL(await api.app.get(DownloadLinks).url(String(row?.id)));
    path = `${url.pathname}${url.search}`;
  });

  it('gives the file, and its length and hash to HEAD', async () => {
    const answer = await get();
    expect(answer.status).toBe(200);
    expect(image.equals(answer.body)).toBe(true);
    expect(answer.headers).toMatchObject({
      etag: `"${sha256}"`,
      'accept-ranges': 'bytes',
      'content-length': String(image.length),
      'content-type': 'application/octet-stream',
      'content-disposition': "attachment; filename*=UTF-8''rx90%202.0.json",
    });
    const head = await request(api.url).head(path);
    expect(head.status).toBe(200);
    expect(head.headers).toMatchObject({ etag: `"${sha256}"`, 'content-length': String(image.length) });
  });

  it('gives ranges that add up, and the whole to whoever has a part of another file', async () => {
    const first = await get({ range: 'bytes=0-99999' });
    const rest = await get({ range: 'bytes=100000-', 'if-range': `"${sha256}"` });
    expect([first.status, rest.status]).toEqual([206, 206]);
    expect(first.headers['content-range']).toBe('bytes 0-99999/300000');
    expect(rest.headers).toMatchObject({ 'content-range': 'bytes 100000-299999/300000', 'content-length': '200000' });
    expect(image.equals(Buffer.concat([first.body, rest.body]))).toBe(true);
    expect((await get({ range: 'bytes=100000-', 'if-range': '"other"' })).status).toBe(200);
    expect((await get({ 'if-none-match': `"${sha256}"` })).status).toBe(304);
    const beyond = await get({ range: 'bytes=300000-' });
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, 'bytes */300000']);
    const head = await request(api.url).head(path).set('range', 'bytes=5-9');
    expect([head.status, head.headers['content-length']]).toEqual([206, '5']);
  });

  it('is refused with one message, whatever is wrong with the link', async () => {
    const [bare = '', search = ''] = path.split('?');
    const parameters = new URLSearchParams(search);
    const changed = (change: Record<string, string>) =>
      `${bare}?${new URLSearchParams({ ...Object.fromEntries(parameters), ...change })}`;
    const other = path.replace(/artefacts\/[^?]+/, 'artefacts/01890000-0000-7000-8000-000000000000');
    const longer = String(Number(parameters.get('expires')) + 60);
    const signature = parameters.get('signature') ?? '';
    const forged = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    const faults = [
      bare,
      other,
      changed({ expires: longer }),
      changed({ signature: forged }),
      changed({ expires: 'x' }),
      `${path}&signature=x`,
    ];
    const messages = new Set<string | undefined>();
    for (const fault of faults) {
      const answer = await request(api.url).get(fault);
      expect(answer.status).toBe(403);
      messages.add(messageOf(answer));
    }
    expect(messages).toEqual(new Set(['the link is not valid, or not any more: get the job again for a fresh one']));
  });

  it('says so when the data folder does not hold the file as it came', async () => {
    await truncate(join(dataDir, 'artefacts', sha256), 5);
    const answer = await request(api.url).get(path);
    expect([answer.status, codeOf(answer)]).toEqual([503, 'UNAVAILABLE']);
    expect((await upload(image, label())).status).toBe(201);
    expect((await get()).status).toBe(200);
  });

  it('ends with its link', async () => {
    const before = api.clock.now();
    api.clock.advance(3_600_001);
    expect((await request(api.url).get(path)).status).toBe(403);
    api.clock.set(before);
    expect((await get()).status).toBe(200);
  });
});
