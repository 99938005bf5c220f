import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { CreateDevice, DeleteIotJob, IotJobs, RecordFirmware, RegisterModel } from '@throughline/fleet';
import { CheckSilentDevices, RecordProgress, StoreArtefact } from '@throughline/ota';
import { everyCustomer } from '@throughline/platform';
import { type ApiUnderTest, startApi } from '../../../../../test/support/api.js';
import { compressor, pump } from '../../../../fleet/test/fixture.js';

let api: ApiUnderTest;
let dataDir: string;
let modelId: string;
const devices: Record<string, string> = {};

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'releases-'));
  api = await startApi({ DATA_DIR: dataDir });
  modelId = (await api.app.get(RegisterModel).run(compressor)).id;
  await api.app.get(RegisterModel).run(pump);
  for (const thingName of ['a', 'b', 'c', 'd', 'e'])
    devices[thingName] = (
      await api.app.get(CreateDevice).run(everyCustomer, { modelName: compressor.name, thingName })
    ).id;
  devices.pump = (await api.app.get(CreateDevice).run(everyCustomer, { modelName: pump.name, thingName: 'pump' })).id;
});
afterAll(async () => {
  await api.close();
  await rm(dataDir, { recursive: true });
});

type Role = Parameters<ApiUnderTest['signIn']>[0];
const ask = async <T>(query: string, variables: Record<string, unknown> = {}, role: Role = 'fleet'): Promise<T> =>
  api.ask<T>(query, variables, await api.signIn(role));
const refusal = async (query: string, variables: Record<string, unknown> = {}, role: Role = 'fleet') => {
  const { errors } = await api.query(query, variables, await api.signIn(role));
  return { code: errors?.[0]?.extensions.code, message: errors?.[0]?.message };
};

const artefact = async (version: string, counter: number, hardware = 'rx90-a') => {
  const label = {
    modelName: compressor.name,
    hardwareId: hardware,
    version,
    counter,
    fileName: 'f',
    sha256: undefined,
  };
  return (await api.app.get(StoreArtefact).run(label, Readable.from([Buffer.from(version + hardware)]), 'test')).id;
};
const CREATE =
  'mutation ($input: CreateReleaseInput!) { createRelease(input: $input) { id state version artefacts { hardwareId } } }';
const release = async (version: string, counter: number, artefactIds: string[]): Promise<string> => {
  const { createRelease } = await ask<{ createRelease: { id: string } }>(CREATE, {
    input: { modelId, version, counter, artefactIds },
  });
  return createRelease.id;
};
const publish = (id: string) => ask('mutation ($id: ID!) { publishRelease(releaseId: $id) { state } }', { id });
const START =
  'mutation ($id: ID!, $deviceIds: [ID!]!) { startRelease(releaseId: $id, deviceIds: $deviceIds) { id state } }';
const start = async (id: string, names: string[]): Promise<{ id: string; state: string }> =>
  (await ask<{ startRelease: { id: string; state: string } }>(START, { id, deviceIds: names.map((n) => devices[n]) }))
    .startRelease;
const startAt = async (id: string, target: object) =>
  ask<{ startRelease: { id: string } }>(
    'mutation ($id: ID!, $target: DeviceTargetInput) { startRelease(releaseId: $id, target: $target) { id } }',
    { id, target },
  );
const look = async (id: string) =>
  (
    await ask<{
      rollout: { state: string; counts: object[]; devices: { edges: { node: Record<string, unknown> }[] } };
    }>(
      `query ($id: ID!) { rollout(id: $id) { state endedAt release { version } counts { state count }
        devices { totalCount edges { node { state percent why reported { version } device { thingName firmware { version hardware } } } } } } }`,
      { id },
    )
  ).rollout;
const say = async (rolloutId: string, name: string, status: string, statusDetails = {}, versionNumber = 2) => {
  const [row] = await api.database.transaction(everyCustomer, (em) =>
    em.execute<{ job_id: string }[]>('select job_id from rollout_device where rollout_id = ? and device_id = ?', [
      rolloutId,
      devices[name],
    ]),
  );
  const execution = { jobId: row?.job_id ?? '', deviceId: devices[name] ?? '', executionNumber: 1, versionNumber };
  await api.app.get(RecordProgress).run({ ...execution, status, statusDetails });
};

describe('releases and rollouts over GraphQL', () => {
  it('start for a target, and know what a device runs by its last word', async () => {
    const id = await release('0.9.0', 1, [await artefact('0.9.0', 1)]);
    await publish(id);
    await api.app.get(RecordFirmware).run(devices.a ?? '', '0.9.0');
    const { startRelease } = await startAt(id, { things: ['a'] });
    const { devices: found } = await look(startRelease.id);
    expect(found.edges.map(({ node }) => node)).toMatchObject([
      { state: 'left_out', why: 'it is on version 0.9.0 already' },
    ]);
  });

  it('lead from artefacts to a rollout that completes, with what each device says', async () => {
    const id = await release('2.0.0', 2, [await artefact('2.0.0', 2)]);
    expect(await refusal(START, { id, deviceIds: [devices.a] })).toEqual({
      code: 'STATE_CONFLICT',
      message: 'release "2.0.0" is draft: publish it first',
    });
    await publish(id);
    const rollout = await start(id, ['a', 'b', 'pump']);
    expect(rollout.state).toBe('running');
    const before = await look(rollout.id);
    expect(before.counts).toEqual(
      expect.arrayContaining([
        { state: 'queued', count: 2 },
        { state: 'left_out', count: 1 },
      ]),
    );
    const jobs = await api.app.get(IotJobs).page({}, { first: 10, after: undefined });
    const document = JSON.parse(jobs.edges[0]?.node.document ?? '{}');
    expect(document).toEqual({
      operation: 'update',
      release: { version: '2.0.0', counter: 2 },
      artefact: {
        hardware: 'rx90-a',
        url: expect.stringMatching(/^\$\{throughline:presigned-url:artefacts\/[0-9a-f-]{36}\}$/),
        length: 11,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });

    await say(
      rollout.id,
      'a',
      'IN_PROGRESS',
      { step: 'downloading', percent: '40', version: '1.0.0', hardware: 'rx90-a' },
      3,
    );
    await say(rollout.id, 'a', 'IN_PROGRESS', { step: 'downloading', percent: '10' }, 2);
    const nodes = async () => (await look(rollout.id)).devices.edges.map(({ node }) => node);
    const of = async (name: string) =>
      (await nodes()).find((node) => (node.device as { thingName: string }).thingName === name);
    expect(await of('a')).toMatchObject({ state: 'downloading', percent: 40, reported: { version: '1.0.0' } });
    expect(await of('pump')).toMatchObject({ state: 'left_out', why: 'it is of another model' });
    await say(rollout.id, 'a', 'SUCCEEDED', { version: '2.0.0', hardware: 'rx90-a' }, 4);
    await say(rollout.id, 'b', 'FAILED', { reason: 'mute', rolledBack: 'true', version: '1.0.0' }, 4);
    await say(rollout.id, 'b', 'SUCCEEDED', { version: '2.0.0' }, 5);
    expect(await look(rollout.id)).toMatchObject({ state: 'completed', endedAt: '2026-03-02T08:00:00.000Z' });
    expect(await of('a')).toMatchObject({
      state: 'succeeded',
      device: { firmware: { version: '2.0.0', hardware: 'rx90-a' } },
    });
    expect(await of('b')).toMatchObject({
      state: 'rolled_back',
      why: 'mute',
      device: { firmware: { version: '1.0.0' } },
    });

    const again = await start(id, ['a']);
    expect(again.state).toBe('completed');
    expect((await look(again.id)).devices.edges[0]?.node.why).toBe('it is on version 2.0.0 already');
  });

  it('keep a device in one rollout at a time', async () => {
    const id = await release('3.0.0', 3, [await artefact('3.0.0', 3)]);
    await publish(id);
    const first = await start(id, ['c']);
    const second = await start(id, ['c', 'd']);
    const nodes = (await look(second.id)).devices.edges.map(({ node }) => node);
    expect(nodes.find(({ state }) => state === 'left_out')?.why).toBe(
      `it is under way in another rollout (${first.id})`,
    );
    await expect(
      api.database.transaction(everyCustomer, (em) =>
        em.execute(
          `insert into rollout_device (rollout_id, device_id, state, changed_at) values (?, ?, 'queued', now())
           on conflict (rollout_id, device_id) do update set state = 'queued'`,
          [second.id, devices.c],
        ),
      ),
    ).rejects.toThrow('rollout_device_under_way');
  });

  it('stop what has not begun when a release is withdrawn, and no news is waited for of a job that is gone', async () => {
    const id = await release('4.0.0', 4, [await artefact('4.0.0', 4)]);
    await publish(id);
    const rollout = await start(id, ['e']);
    await ask('mutation ($id: ID!) { withdrawRelease(releaseId: $id) { state } }', { id });
    expect((await look(rollout.id)).state).toBe('cancelled');
    expect(await refusal(START, { id, deviceIds: [devices.e] })).toMatchObject({ code: 'STATE_CONFLICT' });
    expect(await refusal('mutation ($id: ID!) { cancelRollout(rolloutId: $id) { id } }', { id: rollout.id })).toEqual({
      code: 'STATE_CONFLICT',
      message: 'the rollout is cancelled and cannot become cancelled',
    });
    // Nobody handled the event of the cancelled job: the check finds it out.
    api.clock.advance(61_000);
    await api.app.get(CheckSilentDevices).run();
    expect((await look(rollout.id)).devices.edges[0]?.node).toMatchObject({ state: 'cancelled' });

    const next = await release('5.0.0', 5, [await artefact('5.0.0', 5)]);
    await publish(next);
    const other = await start(next, ['e']);
    const [job] = (await api.app.get(IotJobs).page({}, { first: 1, after: undefined })).edges;
    await api.app.get(DeleteIotJob).run(everyCustomer, { id: job?.node.id ?? '', force: true });
    api.clock.advance(61_000);
    await api.app.get(CheckSilentDevices).run();
    expect(await look(other.id)).toMatchObject({
      state: 'completed',
      devices: { edges: [{ node: { state: 'cancelled', why: expect.stringMatching(/./) } }] },
    });
  });

  it('send each hardware its artefact once it is known', async () => {
    const both = [await artefact('6.0.0', 6), await artefact('6.0.0', 6, 'rx90-b')];
    const id = await release('6.0.0', 6, both);
    await publish(id);
    const rollout = await start(id, ['a', 'e']);
    const nodes = (await look(rollout.id)).devices.edges.map(({ node }) => node);
    expect(nodes.map(({ state, why }) => [state, why]).sort()).toEqual([
      ['left_out', 'its hardware is not known and the release has several artefacts'],
      ['queued', null],
    ]);
    await ask('mutation ($id: ID!) { cancelRollout(rolloutId: $id) { state } }', { id: rollout.id });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no artefacts', { artefactIds: [] }, 'artefactIds: must be 1 to 50 artefacts'],
    ['a bad version', { version: ' ' }, 'version: must be'],
    ['an unknown artefact', { artefactIds: ['01890000-0000-7000-8000-000000000000'] }, 'artefact "01890000'],
  ])('refuse a release with %s', async (_, change, message) => {
    const input = { modelId, version: '7.0.0', counter: 7, artefactIds: [await artefact('7.0.0', 7)], ...change };
    expect((await refusal(CREATE, { input })).message).toContain(message);
  });

  it('are for those who may, and audited', async () => {
    for (const role of ['service', 'analyst', 'owner'] as const)
      expect(await refusal('mutation { publishRelease(releaseId: "x") { id } }', {}, role)).toMatchObject({
        code: 'FORBIDDEN',
      });
    for (const role of ['owner', 'finance', 'partner'] as const)
      expect(await refusal('{ releases { totalCount } }', {}, role)).toMatchObject({ code: 'FORBIDDEN' });
    const { releases, artefacts } = await ask<Record<string, { totalCount: number }>>(
      '{ releases { totalCount edges { node { version model { name } artefacts { sha256 } } } } artefacts { totalCount } }',
      {},
      'service',
    );
    expect([releases?.totalCount, artefacts?.totalCount]).toEqual([6, 8]);
    const audited = await api.database.transaction(everyCustomer, (em) =>
      em.execute<{ action: string }[]>(`select distinct action from audit_entry where outcome = 'done' order by 1`),
    );
    expect(audited.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['cancelRollout', 'createRelease', 'publishRelease', 'startRelease', 'withdrawRelease']),
    );
  });
});
