import { jest } from '@jest/globals';
import type { Contract } from '@throughline/contracts';
import { CreateDevice, SwapDevice } from '@throughline/fleet';
import type { Role } from '@throughline/identity';
import { everyCustomer } from '@throughline/platform';
import { type ApiUnderTest, startApi } from '../../../../../test/support/api.js';
import { compressorTerms, type Machine, type Workshop, workshop } from '../../../test/billing-world.js';
import { ClosePeriod } from '../../application/close-period.js';

const FROM = '2026-02-26T23:00:00Z';

let api: ApiUnderTest;
let alpha: Workshop;
let beta: Workshop;
let up: Machine;
let down: Machine;
let contract: Contract;
let statementId: string;
let others: { contract: Contract; statementId: string };

beforeAll(async () => {
  api = await startApi({}, '2026-03-02T08:00:00Z');
  const host = { database: api.database, module: api.app };
  alpha = await workshop(host, api.clock, { customerId: api.organisations.Alpha });
  beta = await workshop(host, api.clock, { customerId: api.organisations.Beta });
  up = await alpha.machines.machine('AC-1');
  down = await alpha.machines.machine('AC-2');
  contract = await alpha.contract([up.asset.id, down.asset.id], FROM);
  await alpha.commit(up, alpha.run(up, '2026-02-26T22:59:00Z', '2026-02-28T23:01:00Z'));
  await alpha.commit(down, [
    ...alpha.run(down, '2026-02-26T22:59:00Z', '2026-02-28T11:00:00Z'),
    ...alpha.run(down, '2026-02-28T11:00:00Z', '2026-02-28T23:01:00Z', { state: 4 }),
  ]);
  const close = api.app.get(ClosePeriod, { strict: false });
  ({ statementId } = await close.run(everyCustomer, contract.id, '2026-02'));
  // The first hour of March, which is running.
  await alpha.commit(up, alpha.run(up, '2026-02-28T23:01:00Z', '2026-03-01T00:01:00Z'));
  await alpha.derive(up, '2026-02-28T23:01:00Z', '2026-03-01T00:01:00Z');
  const theirs = await beta.machines.machine('BC-1');
  const theirContract = await beta.contract([theirs.asset.id], FROM);
  const closed = await close.run(everyCustomer, theirContract.id, '2026-02');
  others = { contract: theirContract, statementId: closed.statementId };
});
afterAll(() => api.close());

interface Answer {
  // The shape is what the query asks for.
  readonly data: Record<string, never> | null | undefined;
  readonly codes: unknown[];
}

async function ask(role: Role, query: string, variables: object = {}, at: 'alpha' | 'beta' = 'alpha'): Promise<Answer> {
  const { data, errors } = await api.query(query, { ...variables }, await api.signIn(role, at));
  return { data: data as Record<string, never> | null, codes: (errors ?? []).map((e) => e.extensions.code) };
}

/** The data of an answer without errors. */
async function get<T>(role: Role, query: string, variables: object = {}): Promise<T> {
  const { data, errors } = await api.query(query, { ...variables }, await api.signIn(role));
  expect(errors).toBeUndefined();
  return data as T;
}

const evidenceOf = async <T>(kind: string, fields: string, variables = ''): Promise<T> => {
  const { statement } = await get<{ statement: { lines: { kind: string; evidence: T }[] } }>(
    'owner',
    `${variables}{ statement(id: "${statementId}") { lines { kind evidence { ${fields} } } } }`,
  );
  const line = statement.lines.find((l) => l.kind === kind);
  if (!line) throw new Error(`no ${kind} line`);
  return line.evidence;
};

describe('a statement', () => {
  it('is shown with lines, explanation, contract and customer', async () => {
    const { statement } = await get<{ statement: Record<string, unknown> }>(
      'owner',
      `{ statement(id: "${statementId}") { number state periodFrom periodTo storedBefore completeness stripeInvoiceId paidAt
        total { amount currency } contract { number } customer { name }
        lines { position kind chargeKey description meter quality unitPrice asset { name } quantity { value unit }
          amount { amount currency } explanation { text amount } } } }`,
    );
    expect(statement).toMatchObject({
      number: `${contract.number}/2026-02`,
      state: 'rated',
      periodFrom: '2026-01-31T23:00:00.000Z',
      periodTo: '2026-02-28T23:00:00.000Z',
      storedBefore: '2026-03-02T08:00:00.001Z',
      completeness: '1.00000000',
      stripeInvoiceId: null,
      paidAt: null,
      contract: { number: contract.number },
      customer: { name: 'Alpha' },
    });
    const lines = statement.lines as { kind: string; amount: { amount: string }; explanation: unknown[] }[];
    expect(lines).toMatchObject([
      { position: 1, kind: 'recurring', chargeKey: 'base_fee', asset: null, quantity: { value: '2', unit: 'asset' } },
      { position: 2, kind: 'usage', meter: 'output_m3', quality: 'measured', unitPrice: '0.0115' },
      { position: 3, kind: 'credit', chargeKey: 'uptime', asset: { name: 'AC-2' }, quantity: null },
    ]);
    expect(lines.map((l) => l.amount.amount)).toEqual(['64.29', '57.95', '-6.43']);
    expect(statement.total).toEqual({ amount: '115.81', currency: 'EUR' });
    expect(lines.every((l) => l.explanation.length > 0)).toBe(true);
  });

  it('of another customer is as one that does not exist', async () => {
    for (const id of [others.statementId, '0198f3a0-0000-7000-8000-000000000000', 'x', ''])
      expect((await ask('owner', `{ statement(id: "${id}") { id } }`)).data).toEqual({ statement: null });
    const { contracts } = await get<{ contracts: { edges: { node: { statements: { id: string }[] } }[] } }>(
      'owner',
      '{ contracts { edges { node { statements { id } } } } }',
    );
    expect(contracts.edges.flatMap((e) => e.node.statements)).toEqual([{ id: statementId }]);
  });

  it('is not for roles without statements', async () => {
    for (const role of ['viewer', 'operator', 'fleet', 'service', 'partner'] as const)
      expect((await ask(role, '{ statements { totalCount } }')).codes).toEqual(['FORBIDDEN']);
  });
});

describe('the list of statements', () => {
  const list =
    '($filter: StatementFilter, $first: Int, $after: String) { statements(filter: $filter, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { id customer { name } } } } }';
  interface List {
    statements: {
      totalCount: number;
      pageInfo: { hasNextPage: boolean; endCursor: string };
      edges: { node: { id: string } }[];
    };
  }
  const ids = async (role: Role, filter: object = {}) =>
    (await get<List>(role, `query ${list}`, { filter })).statements.edges.map((e) => e.node.id).sort();

  it('has what one may see', async () => {
    expect(await ids('owner')).toEqual([statementId]);
    expect(await ids('billing_contact')).toEqual([statementId]);
    expect(await ids('finance')).toEqual([statementId, others.statementId].sort());
  });

  it('is filtered by customer, contract and state', async () => {
    expect(await ids('finance', { customerId: api.organisations.Beta })).toEqual([others.statementId]);
    expect(await ids('finance', { contractId: contract.id })).toEqual([statementId]);
    expect(await ids('finance', { state: 'paid' })).toEqual([]);
    expect(await ids('finance', { state: 'rated', customerId: api.organisations.Alpha })).toEqual([statementId]);
    expect(await ids('finance', { customerId: 'nonsense' })).toEqual([]);
    expect(await ids('owner', { customerId: api.organisations.Beta })).toEqual([]);
    expect((await ask('finance', `query ${list}`, { filter: { state: 'nonsense' } })).codes).toEqual(['INVALID_INPUT']);
  });

  it('is paged, without a statement twice or missing', async () => {
    const one = await get<List>('finance', `query ${list}`, { first: 1 });
    expect(one.statements).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } });
    const two = await get<List>('finance', `query ${list}`, { first: 1, after: one.statements.pageInfo.endCursor });
    expect(two.statements.pageInfo.hasNextPage).toBe(false);
    const both = [...one.statements.edges, ...two.statements.edges].map((e) => e.node.id);
    expect(both.sort()).toEqual([statementId, others.statementId].sort());
    expect((await ask('finance', `query ${list}`, { first: 101 })).codes).toEqual(['INVALID_INPUT']);
    expect((await ask('finance', `query ${list}`, { after: 'x' })).codes).toEqual(['INVALID_INPUT']);
  });

  it('with lines costs as many queries however long it is', async () => {
    const query = `query ($filter: StatementFilter) { statements(first: 100, filter: $filter) { edges { node { number contract { number } customer { name }
      lines { description amount { amount } asset { name } } } } } }`;
    const counted = async (filter: object): Promise<number> => {
      const log = jest.spyOn(api.database.mikroOrm.config.getLogger(), 'logQuery');
      await get('finance', query, { filter });
      const texts = log.mock.calls.map(([context]) => context.query ?? '');
      log.mockRestore();
      return texts.filter((text) => /^\s*select (?!set_config)/i.test(text)).length;
    };
    await counted({});
    const one = await counted({ contractId: contract.id });
    expect(one).toBeLessThanOrEqual(8);
    expect(await ids('finance')).toHaveLength(2);
    expect(await counted({})).toBe(one);
  });
});

describe('evidence of a line', () => {
  it('of usage leads to assets, windows and the readings they lie between', async () => {
    const evidence = await evidenceOf<Record<string, never>>(
      'usage',
      `windowCount estimatedCount messageCount missingCount assets { asset { name } quantity { value unit } windowCount }
       windows(first: 2) { totalCount pageInfo { hasNextPage endCursor } edges { node { asset { name } hour quantity { value unit }
         quality version messages fromReading { thingName boot seq at value } toReading { thingName seq value } } } }`,
    );
    expect(evidence).toMatchObject({
      windowCount: 96,
      estimatedCount: 0,
      missingCount: 0,
      assets: [
        { asset: { name: 'AC-1' }, quantity: { value: '2880', unit: 'm3' }, windowCount: 48 },
        { asset: { name: 'AC-2' }, quantity: { value: '2159', unit: 'm3' }, windowCount: 48 },
      ].sort((a, b) => (idOf(a.asset.name) < idOf(b.asset.name) ? -1 : 1)),
      windows: { totalCount: 96, pageInfo: { hasNextPage: true } },
    });
    const { windows } = evidence as unknown as { windows: { edges: { node: Record<string, unknown> }[] } };
    expect(windows.edges[0]?.node).toMatchObject({
      hour: '2026-02-26T23:00:00.000Z',
      quality: 'measured',
      version: 1,
      quantity: { value: '60', unit: 'm3' },
      // A reading on the hour ends the hour before it.
      fromReading: { boot: 1, seq: 2, at: '2026-02-26T23:00:00.000Z', value: '1002' },
      toReading: { seq: 62, value: '1062' },
    });
  });

  it('of usage is paged to its end, and adds up to the quantity of the line', async () => {
    let after: string | undefined;
    const values: number[] = [];
    do {
      const page = after ? `, after: "${after}"` : '';
      const { windows } = await evidenceOf<{
        windows: {
          pageInfo: { hasNextPage: boolean; endCursor: string };
          edges: { node: { quantity: { value: string } } }[];
        };
      }>(
        'usage',
        `windows(first: 37, assetId: "${up.asset.id}"${page}) { pageInfo { hasNextPage endCursor } edges { node { quantity { value } } } }`,
      );
      values.push(...windows.edges.map((e) => Number(e.node.quantity.value)));
      after = windows.pageInfo.hasNextPage ? windows.pageInfo.endCursor : undefined;
    } while (after);
    expect(values).toHaveLength(48);
    expect(values.reduce((a, b) => a + b)).toBe(2_880);
  });

  it('of a credit leads to intervals and the messages at their ends', async () => {
    const evidence = await evidenceOf<{ intervals: { totalCount: number; edges: { node: unknown }[] } }>(
      'credit',
      `windowCount messageCount missingCount assets { asset { name } quantity { value } }
       intervals { totalCount edges { node { asset { name } interval { from to category detail evidence { messages first { thingName seq } last { seq } } } } } }`,
    );
    expect(evidence).toMatchObject({
      windowCount: 0,
      messageCount: 2_880,
      missingCount: 0,
      assets: [{ asset: { name: 'AC-2' }, quantity: null }],
    });
    expect(evidence.intervals.edges.map((e) => e.node)).toMatchObject([
      {
        asset: { name: 'AC-2' },
        interval: { from: '2026-02-26T23:00:00.000Z', to: '2026-02-28T11:00:00.000Z', category: 'producing' },
      },
      {
        asset: { name: 'AC-2' },
        interval: { from: '2026-02-28T11:00:00.000Z', to: '2026-02-28T23:00:00.000Z', category: 'vendor_down' },
      },
    ]);
  });

  it('of a fee is the time under contract', async () => {
    expect(
      await evidenceOf(
        'recurring',
        'windowCount messageCount missingCount windows { totalCount } intervals { totalCount } assets { windowCount }',
      ),
    ).toEqual({
      windowCount: 0,
      messageCount: 0,
      missingCount: null,
      windows: { totalCount: 0 },
      intervals: { totalCount: 0 },
      assets: [{ windowCount: 0 }, { windowCount: 0 }],
    });
  });

  it('ends at messages with their values, paged by time', async () => {
    const messages = (page: string) =>
      evidenceOf<{
        messages: {
          totalCount: number;
          pageInfo: { hasNextPage: boolean; endCursor: string };
          edges: { node: { seq: number } }[];
        };
      }>(
        'usage',
        `messages(assetId: "${up.asset.id}", from: "2026-02-27T00:00:00Z", to: "2026-02-27T01:00:00Z", ${page}) { totalCount
         pageInfo { hasNextPage endCursor } edges { node { thingName boot seq at storedAt values { metric value unit } } } }`,
      );
    const { messages: one } = await messages('first: 40');
    expect(one).toMatchObject({ totalCount: 60, pageInfo: { hasNextPage: true } });
    expect(one.edges[0]?.node).toEqual({
      thingName: 'AC-1-a',
      boot: 1,
      seq: 62,
      at: '2026-02-27T00:00:00.000Z',
      storedAt: '2026-03-02T08:00:00.000Z',
      values: [
        { metric: 'pressure_bar', value: 7.1, unit: 'bar' },
        { metric: 'output_m3', value: 1_062, unit: 'm3' },
        { metric: 'state', value: 2, unit: '1' },
      ],
    });
    const { messages: two } = await messages(`first: 40, after: "${one.pageInfo.endCursor}"`);
    expect([...one.edges, ...two.edges].map((e) => e.node.seq)).toEqual(Array.from({ length: 60 }, (_, i) => 62 + i));
  });

  it('is empty for assets that are not on the line', async () => {
    for (const asset of [contract.id, 'x', beta.machines.customerId]) {
      const none = { totalCount: 0 };
      const fields = `windows(assetId: "${asset}") { totalCount } intervals(assetId: "${asset}") { totalCount }
        messages(assetId: "${asset}", from: "2026-02-27T00:00:00Z", to: "2026-02-27T01:00:00Z") { totalCount }`;
      expect(await evidenceOf('usage', fields)).toEqual({ windows: none, intervals: none, messages: none });
      expect(await evidenceOf('credit', fields)).toEqual({ windows: none, intervals: none, messages: none });
    }
  });

  it('refuses spans without end and strange pages', async () => {
    const codes = async (field: string) =>
      (await ask('owner', `{ statement(id: "${statementId}") { lines { evidence { ${field} } } } }`)).codes;
    const span = (asset: string, to: string) =>
      `messages(assetId: "${asset}", from: "2026-02-27T00:00:00Z", to: "${to}") { totalCount }`;
    expect(await codes(span(up.asset.id, '2026-05-27T01:00:00Z'))).toContain('INVALID_INPUT');
    expect(await codes(span(up.asset.id, '2026-02-26T01:00:00Z'))).toContain('INVALID_INPUT');
    expect(await codes('windows(first: 0) { totalCount }')).toContain('INVALID_INPUT');
    expect(await codes('intervals(after: "x") { totalCount }')).toContain('INVALID_INPUT');
  });

  it('stays as it was known when the statement was rated, and names a board that is gone', async () => {
    const fields = `messageCount windows(first: 1, assetId: "${down.asset.id}") { edges { node { version quantity { value } toReading { thingName } } } }
      messages(assetId: "${down.asset.id}", from: "2026-02-26T23:00:00Z", to: "2026-02-27T00:00:00Z") { totalCount }`;
    const before = await evidenceOf('usage', fields);
    api.clock.advance(60_000);
    const [first] = alpha.run(down, '2026-02-26T23:30:30Z', '2026-02-26T23:31:00Z');
    await alpha.commit(down, first ? [{ ...first, output: 1_031.5, boot: 0 }] : []);
    await alpha.derive(down, '2026-02-26T23:00:00Z', '2026-02-27T00:00:00Z');
    // The board is taken out and goes to another customer's machine.
    const theirs = await beta.machines.machine('BC-2');
    const swap = api.app.get(SwapDevice, { strict: false });
    const spare = await api.app
      .get(CreateDevice, { strict: false })
      .run(everyCustomer, { modelName: alpha.machines.model.name, thingName: 'spare' });
    await swap.run(everyCustomer, { assetId: down.asset.id, deviceId: spare.id });
    expect(theirs.asset.customerId).toBe(api.organisations.Beta);
    expect(await evidenceOf('usage', fields)).toEqual(before);
    expect(before).toMatchObject({ windows: { edges: [{ node: { toReading: { thingName: 'AC-2-a' } } }] } });
  });

  const idOf = (name: string): string => (name === 'AC-1' ? up : down).asset.id;
});

describe('figures before a close', () => {
  it('show what the running month has earned', async () => {
    const query = `{ contract(id: "${contract.id}") { accrued { periodFrom periodTo completeTo total { amount currency }
      lines { kind description quantity { value unit } unitPrice amount { amount } explanation { text } } } } }`;
    const { contract: found } = await get<{ contract: { accrued: Record<string, unknown> } }>('owner', query);
    expect(found.accrued).toMatchObject({
      periodFrom: '2026-02-28T23:00:00.000Z',
      periodTo: '2026-03-31T22:00:00.000Z',
      completeTo: api.clock.now().toISOString(),
      total: { amount: '900.69', currency: 'EUR' },
    });
    expect(found.accrued.lines).toMatchObject([
      { kind: 'recurring', unitPrice: '450', amount: { amount: '900.00' } },
      { kind: 'usage', quantity: { value: '60', unit: 'm3' }, amount: { amount: '0.69' } },
    ]);
  });

  it('show where an asset stands against its guarantee', async () => {
    const figure = (of: Machine, month = '') =>
      get<{ asset: { guarantee: Record<string, unknown> | null } }>(
        'viewer',
        `{ asset(id: "${of.asset.id}") { guarantee${month && `(month: "${month}")`} { target met nextBandBelow leftMs creditPercent month
          availability { percent downMs } } } }`,
      ).then((data) => data.asset.guarantee);
    expect(await figure(down, '2026-02')).toEqual({
      target: '99.00',
      met: false,
      nextBandBelow: null,
      leftMs: null,
      creditPercent: '20',
      month: '2026-02',
      availability: { percent: '75.00', downMs: String(12 * 3_600_000) },
    });
    expect(await figure(up, '2026-02')).toMatchObject({ met: true, creditPercent: '0', nextBandBelow: '99.00' });
    expect(await figure(up)).toMatchObject({ month: '2026-03', met: true });
    expect(await figure(up, '2026-01')).toBeNull();
    const free = await alpha.machines.machine('AC-9');
    expect(await figure(free)).toBeNull();
    const bad = await ask('viewer', `{ asset(id: "${up.asset.id}") { guarantee(month: "2026-13") { met } } }`);
    expect(bad.codes).toEqual(['INVALID_INPUT']);
  });

  it('show what other terms would have billed', async () => {
    const query = `query ($terms: TermsInput!, $contractId: ID!, $month: String!) {
      previewTerms(terms: $terms, contractId: $contractId, month: $month) { total { amount } lines { kind amount { amount } } } }`;
    const terms = {
      currency: 'EUR',
      charges: [
        {
          kind: 'usage',
          key: 'air',
          description: 'Air',
          meter: 'output_m3',
          unit: 'm3',
          priceModel: 'per_unit',
          unitPrice: '1.00',
          pooling: 'asset',
        },
      ],
      guarantees: [],
    };
    const asked = { terms, contractId: contract.id, month: '2026-02' };
    const { previewTerms } = await get<{ previewTerms: unknown }>('finance', query, asked);
    // What came since the close takes part here.
    expect(previewTerms).toMatchObject({ lines: [{ kind: 'usage' }, { kind: 'usage' }] });
    expect((await ask('finance', query, { ...asked, month: '2026-07' })).codes).toEqual(['INVALID_INPUT']);
    expect((await ask('finance', query, { ...asked, contractId: statementId })).codes).toEqual(['NOT_FOUND']);
    const negative = { ...terms, charges: [{ ...terms.charges[0], unitPrice: '-1.00' }] };
    expect((await ask('finance', query, { ...asked, terms: negative })).codes).toEqual(['INVALID_INPUT']);
    expect((await ask('owner', query, asked)).codes).toEqual(['FORBIDDEN']);
  });
});

describe('closing over GraphQL', () => {
  const query = `mutation ($contractId: ID!, $month: String!) { closePeriod(contractId: $contractId, month: $month) {
    changed statement { id number total { amount } lines { kind } } } }`;

  it('books once', async () => {
    const machine = await alpha.machines.machine('AC-3');
    const other = await alpha.contract([machine.asset.id], FROM, { terms: compressorTerms });
    const close = () =>
      get<{ closePeriod: { changed: boolean; statement: object } }>('finance', query, {
        contractId: other.id,
        month: '2026-02',
      });
    const first = await close();
    expect(first.closePeriod).toMatchObject({ changed: true, statement: { number: `${other.number}/2026-02` } });
    const second = await close();
    expect(second.closePeriod).toEqual({ ...first.closePeriod, changed: false });
  });

  it('is for those who may write statements, and says what is wrong', async () => {
    const codes = async (role: Role, month: string, id = contract.id) =>
      (await ask(role, query, { contractId: id, month })).codes;
    for (const role of ['owner', 'analyst', 'auditor', 'viewer'] as const)
      expect(await codes(role, '2026-02')).toEqual(['FORBIDDEN']);
    expect(await codes('finance', '2026-03')).toEqual(['STATE_CONFLICT']);
    expect(await codes('finance', '2026-01')).toEqual(['INVALID_INPUT']);
    expect(await codes('finance', 'x')).toEqual(['INVALID_INPUT']);
    expect(await codes('finance', '2026-02', 'x')).toEqual(['NOT_FOUND']);
  });
});
