import { InstallDevice, RecordConnect, RegisterModel } from '@throughline/fleet';
import { CreateSite, type Role, systemScope } from '@throughline/identity';
import { everyCustomer, LiveSignals } from '@throughline/platform';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type ApiUnderTest, startApi } from '../../../../../test/support/api.js';
import { compressor } from '../../../../fleet/test/fixture.js';
import { selfTest } from '../../../test/fixture.js';
import { RecordAnswer } from '../../application/record-answer.js';
import type { Answer } from '../../domain/answer.js';

let api: ApiUnderTest;
let modelId: string;
let siteId: string;

beforeAll(async () => {
  api = await startApi();
  modelId = (await api.app.get(RegisterModel).run(compressor)).id;
  const site = { customerId: api.organisations.Alpha, name: 'Alpha works', timeZone: 'UTC' };
  siteId = (await api.app.get(CreateSite).execute(systemScope, site)).id;
});
afterAll(() => api.close());

const as = async (role: Role, query: string, variables = {}, at?: 'alpha' | 'beta') =>
  api.query(query, variables, await api.signIn(role, at));
const ask = async <T>(role: Role, query: string, variables = {}): Promise<T> => {
  const { data, errors } = await as(role, query, variables);
  expect(errors).toBeUndefined();
  return data as T;
};
const refusal = async (role: Role, query: string, variables = {}, at?: 'alpha' | 'beta') =>
  (await as(role, query, variables, at)).errors?.[0]?.extensions;

const REGISTER = `mutation ($input: RegisterCommandInput!) { registerCommand(input: $input) { id name version resultSchema } }`;
const SEND = `mutation ($input: SendCommandInput!) { sendCommand(input: $input) {
  id state command version arguments requestedBy deliveries log resultFaults { field } device { thingName } asset { serialNumber } } }`;
const START = `mutation ($input: StartDiagnosticRunsInput!) { startDiagnosticRuns(input: $input) {
  runs { id batchId state title execution { id } } leftOut { id reason } } }`;

const registration = (change = {}) => {
  const { argumentsSchema, resultSchema, ...rest } = selfTest;
  return {
    input: {
      modelId,
      ...rest,
      argumentsSchema: JSON.stringify(argumentsSchema),
      resultSchema: JSON.stringify(resultSchema),
      ...change,
    },
  };
};

async function machine(thing: string, connected = true) {
  const { createAsset } = await ask<{ createAsset: { id: string } }>(
    'fleet',
    'mutation ($input: CreateAssetInput!) { createAsset(input: $input) { id } }',
    { input: { siteId, modelId, serialNumber: thing, name: thing } },
  );
  const { createDevice } = await ask<{ createDevice: { id: string } }>(
    'service',
    'mutation ($t: String!) { createDevice(modelName: "compressor-rx90", thingName: $t) { id } }',
    { t: thing },
  );
  const [assetId, deviceId] = [createAsset.id, createDevice.id];
  await api.app.get(InstallDevice).run(everyCustomer, { deviceId, assetId });
  const at = api.clock.now();
  const connection = { thingName: thing, clientId: thing, gateway: 'g', remoteAddress: null, at };
  if (connected) await api.app.get(RecordConnect).run(connection);
  return { assetId, deviceId };
}
const says = (deviceId: string, executionId: string, answer: Partial<Answer> & Pick<Answer, 'status'>) =>
  api.app.get(RecordAnswer).run({
    deviceId,
    executionId,
    answer: { reasonCode: null, reasonDescription: null, result: null, ...answer },
    at: api.clock.now(),
  });

describe('commands over GraphQL', () => {
  it('are registered by who keeps models, with versions, and each fault named', async () => {
    const { registerCommand } = await ask<{ registerCommand: object }>('fleet', REGISTER, registration());
    expect(registerCommand).toMatchObject({ name: 'run-self-test', version: 1, resultSchema: selfTest.resultSchema });
    expect(await ask('viewer', `{ models { commands { name version timeoutSeconds } } }`)).toEqual({
      models: [{ commands: [{ name: 'run-self-test', version: 1, timeoutSeconds: 60 }] }],
    });
    expect(await refusal('service', REGISTER, registration())).toMatchObject({ code: 'FORBIDDEN' });
    expect(await refusal('admin', REGISTER, registration({ argumentsSchema: '{' }))).toMatchObject({
      code: 'INVALID_INPUT',
      faults: [{ field: 'argumentsSchema' }],
    });
    const wrong = registration({ resultSchema: '{"type":"object","pattern":"x"}', timeoutSeconds: 0 });
    expect(await refusal('admin', REGISTER, wrong)).toMatchObject({
      faults: [{ field: 'timeoutSeconds' }, { field: 'resultSchema.pattern' }],
    });
  });

  it('are sent by service, seen with who sent them, and are one for one key; customers and others may not', async () => {
    const { deviceId, assetId } = await machine('gq-1');
    const input = { input: { deviceId, command: 'run-self-test', key: 'k' } };
    const { sendCommand } = await ask<{ sendCommand: { id: string } }>('service', SEND, input);
    expect(sendCommand).toMatchObject({
      state: 'sent',
      arguments: {},
      requestedBy: 'service of Maker',
      deliveries: 1,
      log: [],
      resultFaults: [],
      device: { thingName: 'gq-1' },
      asset: { serialNumber: 'gq-1' },
    });
    expect((await ask<{ sendCommand: { id: string } }>('fleet', SEND, input)).sendCommand.id).toBe(sendCommand.id);
    for (const role of ['owner', 'operator', 'partner', 'finance', 'auditor', 'analyst'] as const)
      expect(await refusal(role, SEND, input)).toMatchObject({ code: 'FORBIDDEN' });
    const list = `query ($d: ID!, $a: ID!) {
      device(id: $d) { commandExecutions(first: 5) { totalCount edges { node { id } } } }
      asset(id: $a) { commandExecutions { edges { node { id } } } } }`;
    const { id } = sendCommand;
    expect(await ask('auditor', list, { d: deviceId, a: assetId })).toEqual({
      device: { commandExecutions: { totalCount: 1, edges: [{ node: { id } }] } },
      asset: { commandExecutions: { edges: [{ node: { id } }] } },
    });
    expect(await refusal('owner', `{ asset(id: "${assetId}") { commandExecutions { totalCount } } }`)).toMatchObject({
      code: 'FORBIDDEN',
    });
    const bad = { input: { deviceId, command: 'run-self-test', key: 'k2', arguments: '{"fast":true}' } };
    expect(await refusal('service', SEND, bad)).toMatchObject({ faults: [{ field: 'arguments.fast' }] });
    const cancel = `mutation { cancelCommand(id: "${id}") { state } }`;
    expect(await refusal('service', cancel)).toMatchObject({ code: 'STATE_CONFLICT' });
    const audit = await api.database.read(everyCustomer, (em) =>
      em.execute<{ action: string }[]>(`select action from audit_entry where detail::text like ?`, [`%${id}%`]),
    );
    expect(audit.map(({ action }) => action)).toEqual(expect.arrayContaining(['sendCommand', 'cancelCommand']));
  });

  it('are sent to a target, once for one key, and those left out are named with the reason', async () => {
    const [here, away] = [await machine('many-1'), await machine('many-2', false)];
    await ask('fleet', 'mutation ($m: String!, $t: String!) { createDevice(modelName: $m, thingName: $t) { id } }', {
      m: (await api.app.get(RegisterModel).run({ ...compressor, name: 'pump-x', title: 'Pump X' })).name,
      t: 'many-3',
    });
    const many = `mutation ($input: SendCommandsInput!) { sendCommands(input: $input) {
      executions { id state device { thingName } } leftOut { id reason } } }`;
    interface Sent {
      sendCommands: { executions: { id: string; state: string; device: object }[]; leftOut: { reason: string }[] };
    }
    const input = { target: { query: 'thingName:many-*' }, command: 'run-self-test', key: 'many' };
    const { executions, leftOut } = (await ask<Sent>('service', many, { input })).sendCommands;
    expect(executions.map(({ state, device }) => ({ state, device }))).toEqual(
      expect.arrayContaining([
        { state: 'sent', device: { thingName: 'many-1' } },
        { state: 'queued', device: { thingName: 'many-2' } },
      ]),
    );
    expect(executions).toHaveLength(2);
    expect(leftOut).toMatchObject([{ reason: 'its model has no command "run-self-test"' }]);
    const again = (await ask<Sent>('service', many, { input })).sendCommands.executions;
    expect(again.map(({ id }) => id).sort()).toEqual(executions.map(({ id }) => id).sort());
    const strange = { ...input, key: 'strange', arguments: '{"fast":true}' };
    const refused = (await ask<Sent>('service', many, { input: strange })).sendCommands;
    expect(refused.executions).toEqual([]);
    expect(refused.leftOut[0]?.reason).toMatch(/does not take these arguments: arguments\.fast/);
    expect(await refusal('service', many, { input: { ...input, target: { query: 'nobody' } } })).toMatchObject({
      faults: [{ field: 'target', rule: 'must be 1 to 500 devices' }],
    });
    expect(await refusal('analyst', many, { input })).toMatchObject({ code: 'FORBIDDEN' });
    for (const { deviceId } of [here, away])
      expect(await ask('service', `{ device(id: "${deviceId}") { commandExecutions { totalCount } } }`)).toMatchObject({
        device: { commandExecutions: { totalCount: 1 } },
      });
  });

  it('are paged through, newest first', async () => {
    const { deviceId } = await machine('gq-pages', false);
    for (const key of ['1', '2', '3']) {
      await ask('service', SEND, { input: { deviceId, command: 'run-self-test', key } });
      api.clock.advance(1);
    }
    interface Page {
      device: { commandExecutions: { edges: { cursor: string; node: { createdAt: string } }[]; pageInfo: object } };
    }
    const page = async (after?: string) =>
      (
        await ask<Page>(
          'service',
          `query ($a: String) { device(id: "${deviceId}") { commandExecutions(first: 2, after: $a) {
            edges { cursor node { createdAt } } pageInfo { hasNextPage } } } }`,
          { a: after },
        )
      ).device.commandExecutions;
    const first = await page();
    const second = await page(first.edges[1]?.cursor);
    expect([first.pageInfo, second.pageInfo]).toEqual([{ hasNextPage: true }, { hasNextPage: false }]);
    const times = [...first.edges, ...second.edges].map(({ node }) => Date.parse(node.createdAt));
    expect(times).toHaveLength(3);
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });
});

describe('diagnostic runs over GraphQL', () => {
  it('are started on a target', async () => {
    const { deviceId } = await machine('gq-target');
    const [row] = await api.database.read(everyCustomer, (em) =>
      em.execute<{ thing_name: string }[]>('select thing_name from device where id = ?', [deviceId]),
    );
    const { startDiagnosticRuns } = await ask<{ startDiagnosticRuns: object }>('service', START, {
      input: { target: { things: [row?.thing_name] }, key: 't' },
    });
    expect(startDiagnosticRuns).toMatchObject({ runs: [{ title: 'Self-test' }], leftOut: [] });
  });

  it('are started on machines, listed on the asset, and seen by its customer and no other', async () => {
    const { assetId, deviceId } = await machine('gq-run');
    api.clock.advance(1);
    const start = { input: { assetIds: [assetId, modelId], key: 'r' } };
    interface Started {
      startDiagnosticRuns: { runs: { id: string; batchId: string; execution: { id: string } }[]; leftOut: object[] };
    }
    const { runs, leftOut } = (await ask<Started>('service', START, start)).startDiagnosticRuns;
    expect(leftOut).toMatchObject([{ id: modelId }]);
    expect(runs).toMatchObject([{ state: 'sent', title: 'Self-test' }]);
    expect(await refusal('owner', START, start)).toMatchObject({ code: 'FORBIDDEN' });
    const [run] = runs;
    const executionId = run?.execution.id ?? '';
    await says(deviceId, executionId, { status: 'IN_PROGRESS', result: { percent: '50', step: 'valve', log: 'a\nb' } });
    api.clock.advance(1_000);
    await says(deviceId, executionId, { status: 'SUCCEEDED', result: { outcome: 'fail', log: 'a\nb\nc' } });
    const query = `{ asset(id: "${assetId}") { diagnosticRuns { totalCount edges { node {
      id state verdict progressPercent log result from to asset { id } } } } } }`;
    const to = api.clock.now();
    const node = {
      id: run?.id,
      state: 'succeeded',
      verdict: 'failed',
      progressPercent: 50,
      log: ['a', 'b', 'c'],
      result: { outcome: 'fail' },
      from: new Date(to.getTime() - 1_000).toISOString(),
      to: to.toISOString(),
      asset: { id: assetId },
    };
    expect(await ask('viewer', query)).toEqual({
      asset: { diagnosticRuns: { totalCount: 1, edges: [{ node }] } },
    });
    const byId = `{ diagnosticRun(id: "${run?.id}") { id } diagnosticRunsOfBatch(batchId: "${run?.batchId}") { id } }`;
    expect(await ask('viewer', byId)).toEqual({
      diagnosticRun: { id: run?.id },
      diagnosticRunsOfBatch: [{ id: run?.id }],
    });
    const all = '{ diagnosticRuns(first: 1) { totalCount pageInfo { hasNextPage } edges { node { id } } } }';
    expect(await ask('service', all)).toEqual({
      diagnosticRuns: { totalCount: 2, pageInfo: { hasNextPage: true }, edges: [{ node: { id: run?.id } }] },
    });
    expect((await as('viewer', all, {}, 'beta')).data).toMatchObject({ diagnosticRuns: { totalCount: 0 } });
    expect((await as('viewer', byId, {}, 'beta')).data).toEqual({ diagnosticRun: null, diagnosticRunsOfBatch: [] });
    expect(await refusal('viewer', `{ diagnosticRun(id: "${run?.id}") { execution { id } } }`)).toMatchObject({
      code: 'FORBIDDEN',
    });
  });
});

describe('live', () => {
  const client = (token: string) =>
    createClient({
      url: `${api.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
    });

  it('commands and runs of an asset begin with the unfinished and go on to the end', async () => {
    const { assetId, deviceId } = await machine('gq-live');
    const other = await machine('gq-other');
    const start = (id: string) =>
      ask<{ startDiagnosticRuns: { runs: { execution: { id: string } }[] } }>('service', START, {
        input: { assetIds: [id], key: 'live' },
      }).then((data) => data.startDiagnosticRuns.runs[0]?.execution.id ?? '');
    const [mine, others] = [await start(assetId), await start(other.assetId)];
    const [staff, viewer] = [client(await api.signIn('service')), client(await api.signIn('viewer'))];
    const commands = staff.iterate<{ commandExecutions: object }>({
      query: `subscription ($a: ID) { commandExecutions(assetId: $a) { id state progressPercent } }`,
      variables: { a: assetId },
    });
    const runs = viewer.iterate<{ diagnosticRunLive: object }>({
      query: `subscription ($a: ID) { diagnosticRunLive(assetId: $a) { state verdict log } }`,
      variables: { a: assetId },
    });
    const seen = async () => [
      (await commands.next()).value?.data?.commandExecutions,
      (await runs.next()).value?.data?.diagnosticRunLive,
    ];
    const settled = new Promise((resolve) => setTimeout(resolve, 700));
    expect(await seen()).toEqual([
      { id: mine, state: 'sent', progressPercent: null },
      { state: 'sent', verdict: null, log: [] },
    ]);
    // What was signalled by starting has gone by.
    await settled;
    await says(other.deviceId, others, { status: 'FAILED' });
    await says(deviceId, mine, { status: 'SUCCEEDED', result: { outcome: 'pass', percent: '100', log: 'ok' } });
    api.app.get(LiveSignals).signal('command-executions', [others, mine]);
    let last = await seen();
    while (JSON.stringify(last).includes('"sent"')) last = await seen();
    expect(last).toEqual([
      { id: mine, state: 'succeeded', progressPercent: 100 },
      { state: 'succeeded', verdict: 'passed', log: ['ok'] },
    ]);
    await Promise.all([commands.return?.(), runs.return?.()]);
    await Promise.all([staff.dispose(), viewer.dispose()]);
  });

  it('need to be told exactly one thing to watch, and the permission', async () => {
    const fault = async (role: Role, query: string) => {
      const caller = client(await api.signIn(role));
      try {
        const feed = caller.iterate({ query });
        const { value } = await feed.next();
        return (value as { errors?: { extensions: { code: string } }[] } | undefined)?.errors?.[0]?.extensions.code;
      } catch (error) {
        return (error as { extensions: { code: string } }[])[0]?.extensions.code;
      } finally {
        await caller.dispose();
      }
    };
    expect(await fault('service', 'subscription { commandExecutions { id } }')).toBe('INVALID_INPUT');
    expect(await fault('service', 'subscription { commandExecutions(executionIds: ["x"]) { id } }')).toBe(
      'INVALID_INPUT',
    );
    expect(await fault('viewer', 'subscription { commandExecutions(executionIds: []) { id } }')).toBe('FORBIDDEN');
  });
});
