import { CreateDevice, RegisterModel } from '@throughline/fleet';
import { everyCustomer } from '@throughline/platform';
import { type ApiUnderTest, startApi } from '../../../../../test/support/api.js';
import { compressor } from '../../../test/fixture.js';
import { StartNextExecution } from '../../application/iot-jobs/start-next-execution.js';

let api: ApiUnderTest;
const deviceIds: Record<string, string> = {};

beforeAll(async () => {
  api = await startApi();
  await api.app.get(RegisterModel).run(compressor);
  for (const thingName of ['pump-1', 'pump-2', 'pump-3'])
    deviceIds[thingName] = (
      await api.app.get(CreateDevice).run(everyCustomer, { modelName: compressor.name, thingName })
    ).id;
});
afterAll(() => api.close());

type Role = Parameters<ApiUnderTest['signIn']>[0];
const ask = async <T>(role: Role, query: string, variables = {}): Promise<T> =>
  api.ask<T>(query, variables, await api.signIn(role));
const refusal = async (role: Role, query: string, variables = {}) => {
  const { errors } = await api.query(query, variables, await api.signIn(role));
  return { code: errors?.[0]?.extensions.code, message: errors?.[0]?.message };
};
const CREATE =
  'mutation ($input: CreateJobInput!) { createJob(input: $input) { id jobId status targetLabel createdBy } }';
const create = async (jobId: string, thingNames: string[], more = {}) =>
  (
    await ask<{ createJob: { id: string } }>('service', CREATE, {
      input: { jobId, document: '{"operation":"reboot"}', thingNames, ...more },
    })
  ).createJob;
const start = (thingName: string) =>
  api.app
    .get(StartNextExecution)
    .run(
      { deviceId: deviceIds[thingName] ?? '', thingName },
      { kind: 'start-next', statusDetails: { step: '1' }, stepTimeoutMinutes: undefined },
    );

describe('jobs over GraphQL', () => {
  it('are made, seen with their executions and counts, and seen on the device', async () => {
    const made = await create('g-1', ['pump-1', 'pump-2'], {
      inProgressTimeoutMinutes: 5,
      retries: [{ failureType: 'FAILED', numberOfRetries: 2 }],
      description: 'a start',
    });
    expect(made).toMatchObject({
      jobId: 'g-1',
      status: 'IN_PROGRESS',
      targetLabel: '2 devices',
      createdBy: 'service of Maker',
    });
    await start('pump-1');
    const { job } = await ask<{ job: Record<string, unknown> & { executions: { edges: { cursor: string }[] } } }>(
      'fleet',
      `query ($id: ID!) { job(id: $id) { jobId description document inProgressTimeoutMinutes completedAt
         retries { failureType numberOfRetries } counts { status things }
         executions { totalCount edges { cursor node { jobId executionNumber status statusDetails versionNumber queuedAt
           startedAt lastUpdatedAt timesOutAt device { thingName } job { jobId } } } } } }`,
      { id: made.id },
    );
    const { executions, counts, ...rest } = job as { counts: { things: number }[] } & typeof job;
    expect(rest).toEqual({
      jobId: 'g-1',
      description: 'a start',
      document: { operation: 'reboot' },
      inProgressTimeoutMinutes: 5,
      completedAt: null,
      retries: [{ failureType: 'FAILED', numberOfRetries: 2 }],
    });
    expect(counts.filter(({ things }) => things > 0)).toEqual([
      { status: 'QUEUED', things: 1 },
      { status: 'IN_PROGRESS', things: 1 },
    ]);
    const nodes = executions.edges.map((edge) => (edge as unknown as { node: Record<string, unknown> }).node);
    expect(nodes).toHaveLength(2);
    expect(nodes).toContainEqual({
      jobId: 'g-1',
      executionNumber: 1,
      status: 'IN_PROGRESS',
      statusDetails: { step: '1' },
      versionNumber: 2,
      queuedAt: '2026-03-02T08:00:00.000Z',
      startedAt: '2026-03-02T08:00:00.000Z',
      lastUpdatedAt: '2026-03-02T08:00:00.000Z',
      timesOutAt: '2026-03-02T08:05:00.000Z',
      device: { thingName: 'pump-1' },
      job: { jobId: 'g-1' },
    });
    expect(
      await ask('fleet', 'query ($id: ID!) { device(id: $id) { jobExecutions(first: 1) { jobId status } } }', {
        id: deviceIds['pump-1'],
      }),
    ).toEqual({ device: { jobExecutions: [{ jobId: 'g-1', status: 'IN_PROGRESS' }] } });
  });

  it('are made for a target: things, a query or a group', async () => {
    const { createJob } = await ask<{ createJob: object }>('service', CREATE, {
      input: { jobId: 'target-1', document: '{}', target: { query: 'thingName:pump-*' } },
    });
    expect(createJob).toMatchObject({ jobId: 'target-1', targetLabel: 'query thingName:pump-*' });
    const things = `query ($id: ID!) { job(id: $id) { executions { edges { node { device { thingName } } } } } }`;
    const { job } = await ask<{ job: { executions: { edges: { node: { device: { thingName: string } } }[] } } }>(
      'service',
      things,
      createJob,
    );
    expect(job.executions.edges.map(({ node }) => node.device.thingName).sort()).toEqual([
      'pump-1',
      'pump-2',
      'pump-3',
    ]);
    for (const [more, message] of [
      [{}, 'or else thingNames'],
      [{ thingNames: ['pump-1'], target: { things: ['pump-1'] } }, 'or else thingNames'],
      [{ target: {} }, 'things, a group or a query'],
    ] as const)
      expect(await refusal('service', CREATE, { input: { document: '{}', ...more } })).toMatchObject({
        code: 'INVALID_INPUT',
        message: expect.stringContaining(message),
      });
    expect(
      await refusal('service', CREATE, { input: { document: '{}', target: { things: ['pump-1', 'no'] } } }),
    ).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('are listed newest first, by page, by status and by words', async () => {
    for (const jobId of ['list-1', 'list-2', 'list-3']) {
      api.clock.set(new Date(api.clock.now().getTime() + 1000));
      await create(jobId, ['pump-3']);
    }
    const LIST = `query ($first: Int, $after: String, $search: String, $status: JobStatus) {
      jobs(first: $first, after: $after, search: $search, status: $status) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { jobId } } } }`;
    const list = async (variables: object) =>
      (
        await ask<{
          jobs: {
            totalCount: number;
            pageInfo: { hasNextPage: boolean; endCursor: string };
            edges: { node: { jobId: string } }[];
          };
        }>('analyst', LIST, variables)
      ).jobs;
    const one = await list({ first: 2, search: 'list-' });
    expect(one.edges.map(({ node }) => node.jobId)).toEqual(['list-3', 'list-2']);
    expect([one.totalCount, one.pageInfo.hasNextPage]).toEqual([3, true]);
    const two = await list({ first: 2, search: 'list-', after: one.pageInfo.endCursor });
    expect(two.edges.map(({ node }) => node.jobId)).toEqual(['list-1']);
    expect((await list({ search: 'list-', status: 'CANCELED' })).totalCount).toBe(0);
    const EXECUTIONS = `query ($id: ID!, $after: String) { job(id: $id) {
      executions(first: 2, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { id } } } } }`;
    const { id } = await create('paged', ['pump-1', 'pump-2', 'pump-3']);
    const page = async (after?: string) =>
      (await ask<{ job: { executions: Awaited<ReturnType<typeof list>> } }>('fleet', EXECUTIONS, { id, after })).job
        .executions;
    const first = await page();
    expect([first.totalCount, first.edges.length, first.pageInfo.hasNextPage]).toEqual([3, 2, true]);
    expect((await page(first.pageInfo.endCursor)).edges).toHaveLength(1);
  });

  it('are cancelled, also one execution, and deleted; each is audited', async () => {
    const { id } = await create('end-1', ['pump-2', 'pump-3']);
    const { job } = await ask<{ job: { executions: { edges: { node: { id: string } }[] } } }>(
      'service',
      'query ($id: ID!) { job(id: $id) { executions { edges { node { id } } } } }',
      { id },
    );
    expect(
      await ask('service', 'mutation ($id: ID!) { cancelJobExecution(id: $id) { status } }', {
        id: job.executions.edges[0]?.node.id,
      }),
    ).toEqual({ cancelJobExecution: { status: 'CANCELED' } });
    expect(await refusal('service', 'mutation ($id: ID!) { deleteJob(id: $id) }', { id })).toMatchObject({
      code: 'STATE_CONFLICT',
    });
    expect(await ask('service', 'mutation ($id: ID!) { cancelJob(id: $id, force: true) { status } }', { id })).toEqual({
      cancelJob: { status: 'CANCELED' },
    });
    expect(await ask('service', 'mutation ($id: ID!) { deleteJob(id: $id) }', { id })).toEqual({ deleteJob: true });
    expect(await ask('service', 'query ($id: ID!) { job(id: $id) { id } }', { id })).toEqual({ job: null });
    const audit = await api.database.read(everyCustomer, (em) =>
      em.execute<{ action: string; outcome: string }[]>(
        `select action, outcome from audit_entry where action ~ '^(cancel|delete)Job'`,
      ),
    );
    expect(audit.map(({ action, outcome }) => `${action} ${outcome}`).sort()).toEqual([
      'cancelJob done',
      'cancelJobExecution done',
      'deleteJob done',
      'deleteJob refused',
    ]);
  });

  it('are refused with the field, and to whoever may not', async () => {
    const input = { document: '[]', thingNames: ['pump-1'] };
    expect(await refusal('fleet', CREATE, { input })).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('document: must be a JSON object'),
    });
    expect(await refusal('fleet', CREATE, { input: { document: '{}', thingNames: ['nobody'] } })).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('nobody'),
    });
    expect(await refusal('analyst', CREATE, { input: { ...input, document: '{}' } })).toMatchObject({
      code: 'FORBIDDEN',
    });
    for (const role of ['finance', 'owner', 'operator', 'partner'] as const)
      expect(await refusal(role, '{ jobs { totalCount } }')).toMatchObject({ code: 'FORBIDDEN' });
    const large = JSON.stringify({ a: 'x'.repeat(32 * 1024 - 8) });
    expect((await create('large', ['pump-1'], { document: large })).id).toBeDefined();
  });
});
