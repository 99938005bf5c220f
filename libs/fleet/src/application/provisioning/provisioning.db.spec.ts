import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import { jest } from '@jest/globals';
import {
  AuthenticateDevice,
  type CertificateAnswer,
  type Claim,
  type ClaimCredentials,
  CleanProvisioning,
  ConfirmRotation,
  CreateCertificate,
  CreateClaimBatch,
  CreateProvisioningTemplate,
  DeactivateClaimBatch,
  IssueDeviceCertificate,
  ProvisioningLists,
  ProvisionThing,
  RecordConnect,
  RegisterByCa,
  RegisterCa,
  RequestRotation,
  RotateCertificate,
} from '@throughline/fleet';
import { everyCustomer } from '@throughline/platform';
import pg from 'pg';
import { boardKey, factoryCa } from '../../../../../apps/gateway/test/boards.js';
import { type Fleet, fleet } from '../../../test/fixture.js';
import { CertificateStore } from '../../storage/certificate.store.js';

let f: Fleet;
let hookAnswers: string | undefined;
const asked: Record<string, unknown>[] = [];
const hookServer = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    asked.push(JSON.parse(body));
    if (hookAnswers === undefined) response.writeHead(500).end();
    else response.end(hookAnswers);
  });
});

beforeAll(async () => {
  f = await fleet();
  await new Promise<void>((resolve) => hookServer.listen(0, '127.0.0.1', resolve));
  const { port } = hookServer.address() as { port: number };
  const base = {
    modelName: f.model.name,
    parameters: { SerialNumber: null, Line: 'A' },
    thingNamePattern: 'rx-${SerialNumber}',
    deviceConfiguration: { interval: '60' },
  };
  const create = f.module.get(CreateProvisioningTemplate);
  await create.run({ ...base, name: 'rx', hookUrl: null });
  await create.run({ ...base, name: 'hooked', hookUrl: `http://127.0.0.1:${port}/` });
  await create.run({
    ...base,
    name: 'jit',
    parameters: { CommonName: null },
    thingNamePattern: 'jit-${CommonName}',
    hookUrl: null,
  });
});
afterAll(async () => {
  hookServer.close().closeAllConnections();
  await f.close();
});

let batches = 0;
const makeBatch = (
  change: { templateName?: string; maxCount?: number; serialNumbers?: string[]; expiresAt?: Date } = {},
) =>
  f.module.get(CreateClaimBatch).run({
    name: `batch ${++batches}`,
    templateName: 'rx',
    maxCount: 10,
    expiresAt: new Date(f.clock.now().getTime() + 86_400_000),
    ...change,
  });
const claimOf = ({ batch }: ClaimCredentials, clientId = 'board'): Claim => ({
  kind: 'claim',
  claimId: batch.id,
  clientId,
  remoteAddress: '192.0.2.7',
});
const fromCsr = (claim: Claim, csr: string) => f.module.get(CreateCertificate).fromCsr(claim, csr);
const provision = (
  claim: Claim,
  { certificateOwnershipToken: token }: Pick<CertificateAnswer, 'certificateOwnershipToken'>,
  parameters: Record<string, string>,
  templateName = 'rx',
) => f.module.get(ProvisionThing).run(claim, { templateName, token, parameters });
const made = async (claim: Claim) => fromCsr(claim, (await boardKey()).csr);
const refusal = (code: string) => expect.objectContaining({ name: 'ProvisioningRefusal', code });
const refusals = async (batch: ClaimCredentials) =>
  (
    await f.module
      .get(ProvisioningLists)
      .attemptPage({ accepted: false, batchId: batch.batch.id }, { first: 100, after: undefined })
  ).edges
    .map(({ node }) => node.reason)
    .sort();
const count = async (batch: ClaimCredentials) =>
  (await f.rows<{ n: number }>('select provisioned_count as n from claim_batch where id = ?', [batch.batch.id]))[0]?.n;
const devices = (like: string) =>
  f.rows<{ thing_name: string; certificates: number }>(
    `select thing_name, (select count(*)::int from certificate c where c.device_id = d.id and c.state = 'active') as certificates
     from device d where thing_name like ? order by thing_name`,
    [like],
  );

describe('a claim batch', () => {
  it('gives its private key once and stores it nowhere', async () => {
    const batch = await makeBatch();
    const certificate = new X509Certificate(batch.certificatePem);
    expect(certificate.checkIssued(new X509Certificate(batch.caPem))).toBe(true);
    expect(batch.privateKeyPem).toContain('BEGIN PRIVATE KEY');
    const rows = await f.rows<{ row: string }>('select to_jsonb(b)::text as row from claim_batch b');
    expect(rows.some(({ row }) => row.includes('PRIVATE'))).toBe(false);
    expect(await f.module.get(AuthenticateDevice).run(certificate.fingerprint256)).toEqual({
      accepted: true,
      kind: 'claim',
      claimId: batch.batch.id,
      templateName: 'rx',
    });
  });

  it('is known by its name once, and has a template that exists', async () => {
    const batch = await makeBatch();
    const input = { templateName: 'rx', maxCount: 1, expiresAt: new Date(f.clock.now().getTime() + 1_000) };
    const create = f.module.get(CreateClaimBatch);
    await expect(create.run({ ...input, name: batch.batch.name })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(create.run({ ...input, name: 'x', templateName: 'none' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(create.run({ ...input, name: '', maxCount: 0 })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('a certificate for a claim', () => {
  it('belongs to nobody until it is provisioned, then to its device', async () => {
    const claim = claimOf(await makeBatch());
    const certificate = await made(claim);
    const { certificateId } = certificate;
    const authenticate = () => f.module.get(AuthenticateDevice).run(certificateId);
    expect(await authenticate()).toEqual({ accepted: false, reason: 'pending_certificate' });
    expect(await provision(claim, certificate, { SerialNumber: 'first' })).toEqual({
      thingName: 'rx-first',
      deviceConfiguration: { interval: '60' },
    });
    expect(await authenticate()).toMatchObject({ accepted: true, kind: 'device', thingName: 'rx-first' });
  });

  it('is the same for the same key: an answer that was lost costs nothing', async () => {
    const batch = await makeBatch();
    const claim = claimOf(batch);
    const { csr } = await boardKey();
    const first = await fromCsr(claim, csr);
    expect(await fromCsr(claim, csr)).toEqual(first);
    expect(await provision(claim, first, { SerialNumber: 'lost' })).toMatchObject({ thingName: 'rx-lost' });
    // The answer to that is lost too; the board starts anew under another client id.
    const restarted = claimOf(batch, 'board-after-restart');
    const second = await fromCsr(restarted, csr);
    expect(second.certificateId).toBe(first.certificateId);
    expect(await provision(restarted, second, { SerialNumber: 'lost' })).toMatchObject({ thingName: 'rx-lost' });
    expect(await devices('rx-lost')).toEqual([{ thing_name: 'rx-lost', certificates: 1 }]);
    expect(await count(batch)).toBe(1);
  });

  it('is refused for a key of another batch, and of a device that has connected', async () => {
    const [batch, other] = [await makeBatch(), await makeBatch()];
    const { csr } = await boardKey();
    const certificate = await fromCsr(claimOf(batch), csr);
    await expect(fromCsr(claimOf(other), csr)).rejects.toThrow(refusal('KeyInUse'));
    await provision(claimOf(batch), certificate, { SerialNumber: 'cloned' });
    const at = f.clock.now();
    await f.module
      .get(RecordConnect)
      .run({ thingName: 'rx-cloned', clientId: 'rx-cloned', gateway: 'g', remoteAddress: null, at });
    await expect(fromCsr(claimOf(batch), csr)).rejects.toThrow(refusal('KeyInUse'));
  });

  it('goes when nobody redeems it within the hour', async () => {
    const claim = claimOf(await makeBatch());
    const { csr } = await boardKey();
    const first = await fromCsr(claim, csr);
    f.clock.advance(3_600_001);
    await expect(provision(claim, first, { SerialNumber: 'late' })).rejects.toThrow(
      refusal('InvalidCertificateOwnershipToken'),
    );
    await f.module.get(CleanProvisioning).run();
    expect((await fromCsr(claim, csr)).certificateId).not.toBe(first.certificateId);
    expect(await devices('rx-late')).toEqual([]);
  });
});

describe('an ownership token', () => {
  it('makes one device: with other parameters it is refused', async () => {
    const batch = await makeBatch();
    const claim = claimOf(batch);
    const certificate = await made(claim);
    await provision(claim, certificate, { SerialNumber: 'single' });
    await expect(provision(claim, certificate, { SerialNumber: 'single-2' })).rejects.toThrow(
      refusal('InvalidCertificateOwnershipToken'),
    );
    expect(await devices('rx-single%')).toHaveLength(1);
    expect(await refusals(batch)).toEqual(['InvalidCertificateOwnershipToken']);
  });

  it('makes one device also when it is redeemed many times at once', async () => {
    const batch = await makeBatch();
    const claim = claimOf(batch);
    const certificate = await made(claim);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => provision(claim, certificate, { SerialNumber: 'at-once' })),
    );
    expect(new Set(answers.map((a) => a.thingName))).toEqual(new Set(['rx-at-once']));
    expect(await devices('rx-at-once')).toEqual([{ thing_name: 'rx-at-once', certificates: 1 }]);
    expect(await count(batch)).toBe(1);
    const others = await Promise.allSettled(
      [1, 2, 3, 4].map(async (i) => provision(claim, await made(claim), { SerialNumber: `racer-${i % 2}` })),
    );
    expect(others.filter((o) => o.status === 'fulfilled').length).toBeGreaterThanOrEqual(2);
    expect((await devices('rx-racer-%')).map((d) => d.certificates)).toEqual([1, 1]);
    expect(await count(batch)).toBe(3);
  });

  it('is good for its claim and client alone', async () => {
    const [batch, other] = [await makeBatch(), await makeBatch()];
    const certificate = await made(claimOf(batch));
    for (const thief of [claimOf(other), claimOf(batch, 'thief')])
      await expect(provision(thief, certificate, { SerialNumber: 'stolen' })).rejects.toThrow(
        refusal('InvalidCertificateOwnershipToken'),
      );
    const [id] = certificate.certificateOwnershipToken.split('.');
    for (const certificateOwnershipToken of ['', 'x', id ?? '', `${id}.`, `${id}.AAAA`, `${'0'.repeat(500)}`])
      await expect(provision(claimOf(batch), { certificateOwnershipToken }, { SerialNumber: 'x' })).rejects.toThrow(
        refusal('InvalidCertificateOwnershipToken'),
      );
    expect(await devices('rx-stolen')).toEqual([]);
    expect(await provision(claimOf(batch), certificate, { SerialNumber: 'mine' })).toMatchObject({
      thingName: 'rx-mine',
    });
  });
});

describe('a batch is bounded', () => {
  it('in number, however many boards come at once', async () => {
    const batch = await makeBatch({ maxCount: 3 });
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, async (_, i) => {
        const claim = claimOf(batch, `b${i}`);
        return provision(claim, await made(claim), { SerialNumber: `many-${i}` });
      }),
    );
    expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(3);
    expect(results.flatMap((r) => (r.status === 'rejected' ? [r.reason.code] : []))).toEqual(
      Array(5).fill('BatchExhausted'),
    );
    expect(await devices('rx-many-%')).toHaveLength(3);
    expect(await count(batch)).toBe(3);
    expect(await refusals(batch)).toEqual(Array(5).fill('BatchExhausted'));
  });

  it('in time', async () => {
    const batch = await makeBatch({ expiresAt: new Date(f.clock.now().getTime() + 60_000) });
    const certificate = await made(claimOf(batch));
    f.clock.advance(60_000);
    await expect(made(claimOf(batch))).rejects.toThrow(refusal('ClaimNotActive'));
    await expect(provision(claimOf(batch), certificate, { SerialNumber: 'x' })).rejects.toThrow(
      refusal('ClaimNotActive'),
    );
    expect(await f.module.get(AuthenticateDevice).run(batch.batch.fingerprint)).toEqual({
      accepted: false,
      reason: 'expired_claim',
    });
  });

  it('by being deactivated, for good', async () => {
    const batch = await makeBatch();
    const certificate = await made(claimOf(batch));
    const ended = await f.module.get(DeactivateClaimBatch).run(batch.batch.id);
    f.clock.advance(1_000);
    expect(await f.module.get(DeactivateClaimBatch).run(batch.batch.id)).toEqual(ended);
    await expect(provision(claimOf(batch), certificate, { SerialNumber: 'x' })).rejects.toThrow(
      refusal('ClaimNotActive'),
    );
    await expect(f.module.get(CreateCertificate).withKeys(claimOf(batch))).rejects.toThrow(refusal('ClaimNotActive'));
    expect(await f.module.get(AuthenticateDevice).run(batch.batch.fingerprint)).toMatchObject({
      reason: 'deactivated_claim',
    });
  });

  it('by its list of serial numbers, each for one device', async () => {
    const batch = await makeBatch({ serialNumbers: ['L1', 'L2'] });
    const claim = claimOf(batch);
    await expect(provision(claim, await made(claim), { SerialNumber: 'L3' })).rejects.toThrow(
      refusal('SerialNumberNotAllowed'),
    );
    await expect(provision(claim, await made(claim), {})).rejects.toThrow(refusal('InvalidParameters'));
    await provision(claim, await made(claim), { SerialNumber: 'L1' });
    expect((await devices('rx-L%')).map((d) => d.thing_name)).toEqual(['rx-L1']);
    expect(await refusals(batch)).toEqual(['InvalidParameters', 'SerialNumberNotAllowed']);
  });

  it('to its own template', async () => {
    const claim = claimOf(await makeBatch());
    const certificate = await made(claim);
    for (const name of ['hooked', 'none'])
      await expect(provision(claim, certificate, { SerialNumber: 'x' }, name)).rejects.toThrow(
        refusal('ResourceNotFound'),
      );
  });
});

describe('a thing that is there', () => {
  it('is taken by its board when it waits for it: registered, never connected, without certificate', async () => {
    const device = await f.device('rx-waiting');
    const claim = claimOf(await makeBatch());
    await provision(claim, await made(claim), { SerialNumber: 'waiting' });
    const rows = await f.rows<{ id: string }>(`select id from device where thing_name = 'rx-waiting'`);
    expect(rows).toEqual([{ id: device.id }]);
  });

  it('is never taken over: not when it connected, has a certificate, or is of another state', async () => {
    const batch = await makeBatch();
    const claim = claimOf(batch);
    await provision(claim, await made(claim), { SerialNumber: 'theirs' });
    const at = f.clock.now();
    await f.module
      .get(RecordConnect)
      .run({ thingName: 'rx-theirs', clientId: 'rx-theirs', gateway: 'g', remoteAddress: null, at });
    const certified = await f.device('rx-certified');
    await f.module.get(IssueDeviceCertificate).run(everyCustomer, { deviceId: certified.id });
    await f.device('rx-locked');
    await f.rows(`update device set state = 'quarantined' where thing_name = 'rx-locked'`);
    for (const SerialNumber of ['theirs', 'certified', 'locked'])
      await expect(provision(claim, await made(claim), { SerialNumber })).rejects.toThrow(
        refusal('ThingAlreadyExists'),
      );
    expect(await devices('rx-theirs')).toEqual([{ thing_name: 'rx-theirs', certificates: 1 }]);
    expect(await count(batch)).toBe(1);
  });

  it('gets a new certificate from its own batch until it has connected; the one before ends', async () => {
    const batch = await makeBatch();
    const claim = claimOf(batch);
    const first = await made(claim);
    await provision(claim, first, { SerialNumber: 'new-key' });
    await provision(claim, await made(claim), { SerialNumber: 'new-key' });
    expect(await devices('rx-new-key')).toEqual([{ thing_name: 'rx-new-key', certificates: 1 }]);
    expect(await f.module.get(AuthenticateDevice).run(first.certificateId)).toMatchObject({
      reason: 'revoked_certificate',
    });
    expect(await count(batch)).toBe(1);
    const other = claimOf(await makeBatch());
    await expect(provision(other, await made(other), { SerialNumber: 'new-key' })).rejects.toThrow(
      refusal('ThingAlreadyExists'),
    );
  });
});

describe('the hook of a template', () => {
  it('is asked before anything is made, may change parameters, and only a yes is a yes', async () => {
    const batch = await makeBatch({ templateName: 'hooked' });
    const claim = claimOf(batch);
    const certificate = await made(claim);
    const attempt = () => provision(claim, certificate, { SerialNumber: 'h', Colour: 'red' }, 'hooked');
    for (const answer of [undefined, '{"allowProvisioning":false}', 'yes']) {
      hookAnswers = answer;
      await expect(attempt()).rejects.toThrow(refusal('ACCESS_DENIED'));
    }
    expect(await devices('rx-h%')).toEqual([]);
    hookAnswers = '{"allowProvisioning":true,"parameterOverrides":{"SerialNumber":"h-by-hook"}}';
    expect(await attempt()).toMatchObject({ thingName: 'rx-h-by-hook' });
    expect(asked.at(-1)).toEqual({
      claimCertificateId: batch.batch.fingerprint,
      certificateId: certificate.certificateId,
      certificatePem: certificate.certificatePem,
      templateName: 'hooked',
      clientId: 'board',
      parameters: {
        SerialNumber: 'h',
        Line: 'A',
        Colour: 'red',
        'AWS::IoT::Certificate::Id': certificate.certificateId,
      },
    });
    const before = asked.length;
    expect(await attempt()).toMatchObject({ thingName: 'rx-h-by-hook' });
    expect(asked).toHaveLength(before);
  });
});

describe('what breaks on the way', () => {
  it('leaves no half-made thing, and the same request then succeeds', async () => {
    const batch = await makeBatch();
    const claim = claimOf(batch);
    const certificate = await made(claim);
    const broken = jest
      .spyOn(f.module.get(CertificateStore), 'insert')
      .mockRejectedValueOnce(new Error('the power is gone'));
    await expect(provision(claim, certificate, { SerialNumber: 'broken' })).rejects.toThrow('the power is gone');
    broken.mockRestore();
    expect(await devices('rx-broken')).toEqual([]);
    expect(await count(batch)).toBe(0);
    expect(await provision(claim, certificate, { SerialNumber: 'broken' })).toMatchObject({ thingName: 'rx-broken' });
    expect(await count(batch)).toBe(1);
  });

  it('also when the database ends a statement in the middle of it', async () => {
    const batch = await makeBatch();
    const claim = claimOf(batch);
    const certificate = await made(claim);
    const [holder, other] = [new pg.Client({ connectionString: f.url }), new pg.Client({ connectionString: f.url })];
    await Promise.all([holder.connect(), other.connect()]);
    await holder.query('begin; lock table certificate in share mode');
    // The device is written; its certificate waits for the lock.
    const going = provision(claim, certificate, { SerialNumber: 'cut' }).catch((error: unknown) => error);
    let ended = 0;
    while (ended === 0)
      ended = (await other.query('select pg_cancel_backend(pid) from pg_locks where not granted')).rows.length;
    expect(await going).toBeInstanceOf(Error);
    await holder.query('rollback');
    await Promise.all([holder.end(), other.end()]);
    expect(await devices('rx-cut')).toEqual([]);
    expect(await count(batch)).toBe(0);
    expect(await provision(claim, certificate, { SerialNumber: 'cut' })).toMatchObject({ thingName: 'rx-cut' });
    expect(await devices('rx-cut')).toEqual([{ thing_name: 'rx-cut', certificates: 1 }]);
    expect(await count(batch)).toBe(1);
  });
});

describe('a registered CA', () => {
  it('needs proof that its key is ours, and is a root', async () => {
    const [factory, stranger] = [await factoryCa(), await factoryCa('Stranger')];
    const register = f.module.get(RegisterCa);
    const code = await register.code();
    expect(await register.code()).toBe(code);
    const proof = await factory.issue(`CN=${code}`);
    const input = { certificatePem: factory.certificatePem, verificationPem: proof.cert, templateName: 'jit' };
    const leaf = await factory.issue('CN=leaf');
    const bad: [Partial<typeof input>, string][] = [
      [{ certificatePem: 'x' }, 'certificatePem: must be one X.509'],
      [{ certificatePem: leaf.cert }, 'certificatePem: must be a self-signed root'],
      [{ verificationPem: leaf.cert }, 'must have the registration code'],
      [{ verificationPem: (await stranger.issue(`CN=${code}`)).cert }, 'must be signed by the CA'],
      [
        { verificationPem: (await factory.issue(`CN=${code}`, { notAfter: new Date('2021-01-01') })).cert },
        'must be valid now',
      ],
    ];
    for (const [change, rule] of bad) await expect(register.run({ ...input, ...change })).rejects.toThrow(rule);
    await expect(register.run({ ...input, templateName: 'none' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await register.run(input);
    await expect(register.run(input)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('makes one device of a certificate, however many connections come at once', async () => {
    const factory = await factoryCa('At once');
    const register = f.module.get(RegisterCa);
    const proof = await factory.issue(`CN=${await register.code()}`);
    await register.run({ certificatePem: factory.certificatePem, verificationPem: proof.cert, templateName: 'jit' });
    const board = await factory.issue('CN=once');
    const connection = { der: new X509Certificate(board.cert).raw, clientId: 'jit-once', remoteAddress: null };
    const results = await Promise.all([1, 2, 3, 4].map(() => f.module.get(RegisterByCa).run(connection)));
    expect(results).toEqual(Array(4).fill({ outcome: 'registered', thingName: 'jit-once' }));
    expect(await devices('jit-once')).toEqual([{ thing_name: 'jit-once', certificates: 1 }]);
    const news = await f.rows<{ topic: string }>(
      `select topic from downlink where topic like '$aws/events/certificates/%'`,
    );
    expect(news).toHaveLength(1);
    const second = await factory.issue('CN=once');
    const twin = { ...connection, der: new X509Certificate(second.cert).raw };
    expect(await f.module.get(RegisterByCa).run(twin)).toMatchObject({ outcome: 'refused' });
    const foreign = new X509Certificate((await (await factoryCa('Else')).issue('CN=once')).cert).raw;
    expect(await f.module.get(RegisterByCa).run({ ...connection, der: foreign })).toEqual({ outcome: 'foreign' });
  });
});

describe('rotation', () => {
  const device = async (thingName: string) => {
    const { id: deviceId } = await f.device(thingName);
    const { certificate } = await f.module.get(IssueDeviceCertificate).run(everyCustomer, { deviceId });
    const requester = {
      kind: 'device',
      deviceId,
      thingName,
      clientId: thingName,
      fingerprint: certificate.fingerprint,
    } as const;
    return { deviceId, certificate, requester };
  };

  it('ends what was made for the same certificate and not used, with the old one', async () => {
    const { requester } = await device('rot-1');
    const [unused, used] = [await rotate(requester), await rotate(requester)];
    expect((await devices('rot-1'))[0]?.certificates).toBe(3);
    await f.module.get(ConfirmRotation).run(requester.fingerprint);
    expect((await devices('rot-1'))[0]?.certificates).toBe(3);
    await f.module.get(ConfirmRotation).run(used.certificateId);
    const active = await f.rows<{ fingerprint: string }>(
      `select fingerprint from certificate c join device d on d.id = c.device_id where thing_name = 'rot-1' and c.state = 'active'`,
    );
    expect(active).toEqual([{ fingerprint: used.certificateId }]);
    expect(await f.module.get(AuthenticateDevice).run(unused.certificateId)).toMatchObject({ accepted: false });
    await expect(rotate(requester)).rejects.toThrow(refusal('ConflictingState'));
  });

  it('has a limit of certificates a device', async () => {
    const { requester } = await device('rot-2');
    for (let i = 0; i < 9; i += 1) await rotate(requester);
    await expect(rotate(requester)).rejects.toThrow(refusal('LimitExceeded'));
  });

  it('is asked for by hand, and by itself when two thirds of the life are over, once a week', async () => {
    const { deviceId, certificate } = await device('rot-3');
    const fresh = await device('rot-4');
    const request = f.module.get(RequestRotation);
    const events = async () => (await f.events('fleet.certificate-rotation-due')).map((e) => e.thingName);
    await f.rows(`update certificate set not_after = not_before + interval '30 days' where id = ?`, [certificate.id]);
    expect(await request.allDue()).toBe(0);
    f.clock.advance(21 * 86_400_000);
    expect(await request.allDue()).toBe(1);
    expect(await request.allDue()).toBe(0);
    f.clock.advance(8 * 86_400_000);
    expect(await request.allDue()).toBe(1);
    expect(await request.run(everyCustomer, [deviceId, fresh.deviceId, deviceId])).toBe(2);
    expect((await events()).sort()).toEqual(['rot-3', 'rot-3', 'rot-3', 'rot-4']);
    await expect(request.run(everyCustomer, [])).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(request.run(everyCustomer, ['x'])).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

async function rotate(requester: Parameters<RotateCertificate['run']>[0]): Promise<CertificateAnswer> {
  return f.module.get(RotateCertificate).run(requester, (await boardKey()).csr);
}
