import {
  type Claim,
  CreateCertificate,
  IssueDeviceCertificate,
  ProvisionThing,
  RecordConnect,
  RecordDisconnect,
  RegisterModel,
} from '@throughline/fleet';
import { newId } from '@throughline/kernel';
import { everyCustomer } from '@throughline/platform';
import { boardKey, factoryCa } from '../../../../../apps/gateway/test/boards.js';
import { type ApiUnderTest, startApi } from '../../../../../test/support/api.js';
import { compressor } from '../../../test/fixture.js';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi();
  await api.app.get(RegisterModel).run({ ...compressor, sleepAfterMs: 60_000 });
});
afterAll(() => api.close());

type Role = Parameters<ApiUnderTest['signIn']>[0];
const ask = async <T>(role: Role, query: string, variables = {}): Promise<T> =>
  api.ask<T>(query, variables, await api.signIn(role));
const refusal = async (role: Role, query: string, variables = {}) => {
  const { errors } = await api.query(query, variables, await api.signIn(role));
  return errors?.[0]?.extensions.code;
};

const template = {
  name: 'rx',
  modelName: compressor.name,
  parameters: [{ name: 'SerialNumber' }, { name: 'Line', default: 'A' }],
  thingNamePattern: 'api-${SerialNumber}',
  deviceConfiguration: [{ name: 'interval', value: '60' }],
};
const createTemplate =
  'mutation ($input: CreateProvisioningTemplateInput!) { createProvisioningTemplate(input: $input) { id name } }';
const createBatch = `mutation ($input: CreateClaimBatchInput!) {
  createClaimBatch(input: $input) { batch { id name template { name } } certificatePem privateKeyPem caPem } }`;
const batch = {
  name: 'May',
  templateName: 'rx',
  maxCount: 5,
  expiresAt: '2027-01-01T00:00:00Z',
  serialNumbers: ['1', '2'],
};

interface NewBatch {
  createClaimBatch: { batch: { id: string }; certificatePem: string; privateKeyPem: string; caPem: string };
}

describe('provisioning over GraphQL', () => {
  it('makes templates and batches, and shows what was made and what was refused with its reason', async () => {
    await ask('fleet', createTemplate, { input: template });
    const { createClaimBatch: made } = await ask<NewBatch>('fleet', createBatch, { input: batch });
    expect(made).toMatchObject({ batch: { name: 'May', template: { name: 'rx' } } });
    expect(made.privateKeyPem).toContain('BEGIN PRIVATE KEY');

    const claim: Claim = { kind: 'claim', claimId: made.batch.id, clientId: 'board', remoteAddress: '192.0.2.7' };
    const certificate = await api.app.get(CreateCertificate).fromCsr(claim, (await boardKey()).csr);
    const provision = (SerialNumber: string) =>
      api.app.get(ProvisionThing).run(claim, {
        templateName: 'rx',
        token: certificate.certificateOwnershipToken,
        parameters: { SerialNumber },
      });
    await expect(provision('3')).rejects.toThrow('not on the batch');
    api.clock.advance(1_000);
    await provision('1');

    const seen = await ask<Record<string, { totalCount: number; edges: { node: object }[] }>>(
      'auditor',
      `query ($id: ID) {
        provisioningTemplates { totalCount edges { node { name thingNamePattern hookUrl model { name }
          parameters { name default } deviceConfiguration { name value } } } }
        claimBatches { totalCount edges { node { name maxCount provisionedCount serialsListed deactivatedAt template { name } } } }
        provisioningAttempts(first: 2, batchId: $id) { totalCount edges { node {
          operation accepted reason message clientId remoteAddress thingName batchId parameters { name value } } } }
        refused: provisioningAttempts(accepted: false) { totalCount edges { node { reason } } } }`,
      { id: made.batch.id },
    );
    expect(seen.provisioningTemplates).toEqual({
      totalCount: 1,
      edges: [
        {
          node: {
            name: 'rx',
            thingNamePattern: 'api-${SerialNumber}',
            hookUrl: null,
            model: { name: compressor.name },
            parameters: [
              { name: 'Line', default: 'A' },
              { name: 'SerialNumber', default: null },
            ],
            deviceConfiguration: [{ name: 'interval', value: '60' }],
          },
        },
      ],
    });
    expect(seen.claimBatches?.edges.map((e) => e.node)).toEqual([
      {
        name: 'May',
        maxCount: 5,
        provisionedCount: 1,
        serialsListed: true,
        deactivatedAt: null,
        template: { name: 'rx' },
      },
    ]);
    expect(seen.provisioningAttempts?.totalCount).toBe(3);
    expect(seen.provisioningAttempts?.edges[0]?.node).toEqual({
      operation: 'provision',
      accepted: true,
      reason: null,
      message: null,
      clientId: 'board',
      remoteAddress: '192.0.2.7',
      thingName: 'api-1',
      batchId: made.batch.id,
      parameters: [{ name: 'SerialNumber', value: '1' }],
    });
    expect(seen.refused).toEqual({ totalCount: 1, edges: [{ node: { reason: 'SerialNumberNotAllowed' } }] });

    const ended = await ask<{ deactivateClaimBatch: { deactivatedAt: string | null } }>(
      'fleet',
      'mutation ($id: ID!) { deactivateClaimBatch(id: $id) { deactivatedAt } }',
      { id: made.batch.id },
    );
    expect(ended.deactivateClaimBatch.deactivatedAt).toBe('2026-03-02T08:00:01.000Z');
    await expect(provision('2')).rejects.toThrow('deactivated');
  });

  it('writes every change to the audit trail, and no key', async () => {
    const { data } = await api.query(
      '{ auditTrail(first: 50) { edges { node { action outcome detail } } } }',
      {},
      await api.signIn('auditor'),
    );
    const text = JSON.stringify(data);
    for (const action of ['createProvisioningTemplate', 'createClaimBatch', 'deactivateClaimBatch'])
      expect(text).toContain(action);
    expect(text).not.toContain('PRIVATE KEY');
  });

  it('registers a CA by proof and ends it', async () => {
    const { caRegistrationCode } = await ask<{ caRegistrationCode: string }>('fleet', '{ caRegistrationCode }');
    const factory = await factoryCa();
    const proof = await factory.issue(`CN=${caRegistrationCode}`);
    const input = { certificatePem: factory.certificatePem, verificationPem: proof.cert, templateName: 'rx' };
    const register =
      'mutation ($input: RegisterCaInput!) { registerCa(input: $input) { id subject template { name } } }';
    expect(await refusal('fleet', register, { input: { ...input, verificationPem: factory.certificatePem } })).toBe(
      'INVALID_INPUT',
    );
    const { registerCa } = await ask<{ registerCa: { id: string } }>('fleet', register, { input });
    expect(registerCa).toMatchObject({ subject: 'CN=Factory', template: { name: 'rx' } });
    await ask('admin', 'mutation ($id: ID!) { deactivateCa(id: $id) { id } }', { id: registerCa.id });
    const { registeredCas } = await ask<{ registeredCas: object }>(
      'auditor',
      '{ registeredCas { totalCount edges { node { subject deactivatedAt } } } }',
    );
    expect(registeredCas).toEqual({
      totalCount: 1,
      edges: [{ node: { subject: 'CN=Factory', deactivatedAt: expect.any(String) } }],
    });
  });

  it('asks devices to rotate, sets them apart and releases them', async () => {
    const { createDevice: device } = await ask<{ createDevice: { id: string } }>(
      'fleet',
      `mutation { createDevice(modelName: "${compressor.name}", thingName: "api-rot") { id } }`,
    );
    const ids = { ids: [device.id], id: device.id };
    const rotate = 'mutation ($ids: [ID!]!) { rotateCertificates(deviceIds: $ids) }';
    expect(await refusal('fleet', rotate, ids)).toBe('NOT_FOUND');
    await api.app.get(IssueDeviceCertificate).run(everyCustomer, { deviceId: device.id });
    expect(await ask('fleet', rotate, ids)).toEqual({ rotateCertificates: 1 });
    const release = 'mutation ($id: ID!) { releaseDevice(deviceId: $id) { state } }';
    expect(await refusal('service', release, ids)).toBe('STATE_CONFLICT');
    const quarantine = 'mutation ($id: ID!) { quarantineDevice(deviceId: $id) { state } }';
    expect(await ask('service', quarantine, ids)).toEqual({ quarantineDevice: { state: 'quarantined' } });
    expect(await ask('service', release, ids)).toEqual({ releaseDevice: { state: 'active' } });
  });

  it('shows a device of a sleepy model as sleeping before it is offline', async () => {
    const state = async () =>
      (
        await ask<{ devices: { edges: { node: { presenceState: string } }[] } }>(
          'fleet',
          '{ devices(filter: { search: "api-rot" }) { edges { node { presenceState model { sleepAfterMs } } } } }',
        )
      ).devices.edges[0]?.node;
    const about = { thingName: 'api-rot', clientId: 'api-rot', gateway: 'g' };
    expect(await state()).toEqual({ presenceState: 'offline', model: { sleepAfterMs: 60_000 } });
    const { sessionId } = await api.app.get(RecordConnect).run({ ...about, remoteAddress: null, at: api.clock.now() });
    expect(await state()).toMatchObject({ presenceState: 'connected' });
    await api.app.get(RecordDisconnect).run({ ...about, sessionId, at: api.clock.now(), reason: 'client_disconnect' });
    expect(await state()).toMatchObject({ presenceState: 'sleeping' });
    api.clock.advance(60_000);
    expect(await state()).toMatchObject({ presenceState: 'offline' });
  });

  it.each([
    [
      'mutation ($input: CreateProvisioningTemplateInput!) { createProvisioningTemplate(input: $input) { id } }',
      { input: template },
    ],
    [createBatch, { input: batch }],
    ['mutation ($id: ID!) { deactivateClaimBatch(id: $id) { id } }', { id: newId() }],
    ['mutation ($id: ID!) { deactivateCa(id: $id) { id } }', { id: newId() }],
    ['mutation ($ids: [ID!]!) { rotateCertificates(deviceIds: $ids) }', { ids: [newId()] }],
  ])('only admin and fleet may: %s', async (query, variables) => {
    for (const role of ['auditor', 'service', 'finance', 'analyst', 'owner', 'viewer', 'partner'] as const)
      expect(await refusal(role, query, variables)).toBe('FORBIDDEN');
    for (const role of ['admin', 'fleet'] as const) expect(await refusal(role, query, variables)).not.toBe('FORBIDDEN');
  });

  it.each(['claimBatches', 'provisioningTemplates', 'registeredCas', 'provisioningAttempts'])(
    '%s are shown to no customer and partner',
    async (list) => {
      for (const role of ['owner', 'operator', 'billing_contact', 'viewer', 'partner', 'service', 'finance'] as const)
        expect(await refusal(role, `{ ${list} { totalCount } }`)).toBe('FORBIDDEN');
    },
  );
});
