import { CreateAsset, RegisterModel } from '@throughline/fleet';
import { CreateSite, systemScope } from '@throughline/identity';
import { RegisterMeter } from '@throughline/metering';
import { everyCustomer } from '@throughline/platform';
import { type ApiUnderTest, startApi } from '../../../../../test/support/api.js';

let api: ApiUnderTest;
const assets: Record<'Alpha' | 'Beta', string[]> = { Alpha: [], Beta: [] };

beforeAll(async () => {
  api = await startApi();
  const model = await api.app.get(RegisterModel).run({
    name: 'compressor',
    title: 'Compressor',
    staleAfterMs: 180_000,
    stateMap: { metric: 'state', states: { 2: { name: 'loaded', category: 'producing' } } },
  });
  await api.app
    .get(RegisterMeter)
    .run(model.id, { name: 'loaded', title: 'Loaded', definition: { type: 'time_in_state', states: ['loaded'] } });
  for (const name of ['Alpha', 'Beta'] as const) {
    const site = await api.app
      .get(CreateSite)
      .execute(systemScope, { customerId: api.organisations[name], name: `${name} works`, timeZone: 'Europe/Berlin' });
    for (const n of [1, 2, 3])
      assets[name].push(
        (
          await api.app.get(CreateAsset).run(everyCustomer, {
            siteId: site.id,
            modelId: model.id,
            serialNumber: `${name}-${n}`,
            name: `${name} ${n}`,
            inServiceSince: new Date('2026-01-01T00:00:00Z'),
          })
        ).id,
      );
  }
});
afterAll(() => api.close());

type Role = Parameters<ApiUnderTest['signIn']>[0];
/** The answer's data; an error fails the test. */
async function ask<T>(role: Role, query: string, variables = {}, at?: 'alpha' | 'beta'): Promise<T> {
  const { data, errors } = await api.query(query, variables, await api.signIn(role, at));
  expect(errors).toBeUndefined();
  return data as T;
}
const refusal = async (role: Role, query: string, variables = {}, at?: 'alpha' | 'beta') => {
  const { errors } = await api.query(query, variables, await api.signIn(role, at));
  return { code: errors?.[0]?.extensions.code, message: errors?.[0]?.message, faults: errors?.[0]?.extensions.faults };
};

const terms = {
  currency: 'EUR',
  charges: [
    { kind: 'recurring', key: 'base_fee', description: 'Base fee', amount: '450.00', per: 'asset' },
    {
      kind: 'usage',
      key: 'running',
      description: 'Running time',
      meter: 'loaded',
      unit: 'h',
      priceModel: 'graduated',
      tiers: [{ upTo: '100', unitPrice: '1.20' }, { unitPrice: '0.80' }],
      pooling: 'contract',
    },
  ],
  guarantees: [
    {
      key: 'uptime',
      description: 'Availability',
      target: '99.00',
      basis: 'base_fee',
      capPercent: '50',
      bands: [{ below: '99.00', creditPercent: '5' }],
      definition: {
        up: ['producing', 'ready', 'degraded'],
        down: ['vendor_down'],
        excluded: ['force_majeure', 'planned_maintenance', 'customer_caused', 'utility'],
        exclusions: 'removed',
        unknownMode: 'last_state_for',
        unknownMinutes: 15,
        unknownThen: 'down',
        degraded: 'by_fraction',
        decimals: 2,
      },
    },
  ],
};

const createPlan = `mutation ($name: String!, $terms: TermsInput!) { createPlan(name: $name, terms: $terms) { id version state } }`;
const createContract = `mutation ($input: CreateContractInput!) { createContract(input: $input) { id number state } }`;
let plans = 0;

async function publishedVersion(): Promise<string> {
  plans += 1;
  const { createPlan: draft } = await ask<{ createPlan: { id: string } }>('finance', createPlan, {
    name: `Plan ${plans}`,
    terms,
  });
  await ask('finance', 'mutation ($id: ID!) { publishPlanVersion(planVersionId: $id) { state } }', { id: draft.id });
  return draft.id;
}
const input = async (more: object = {}) => ({
  number: 'C-1',
  customerId: api.organisations.Alpha,
  planVersionId: await publishedVersion(),
  assetIds: assets.Alpha.slice(0, 2),
  from: '2026-01-01T00:00:00+01:00',
  timeZone: 'Europe/Berlin',
  ...more,
});

describe('plans over GraphQL', () => {
  it('are drafted, changed, published and drafted again, with terms in their flat shape', async () => {
    const { createPlan: draft } = await ask<{ createPlan: { id: string } }>('finance', createPlan, {
      name: 'Air',
      terms,
    });
    expect(draft).toMatchObject({ version: 1, state: 'draft' });
    const cheaper = { ...terms, charges: [{ ...terms.charges[0], amount: '400' }, terms.charges[1]] };
    await ask('finance', 'mutation ($id: ID!, $t: TermsInput!) { saveDraft(planVersionId: $id, terms: $t) { id } }', {
      id: draft.id,
      t: cheaper,
    });
    const { publishPlanVersion: version } = await ask<{ publishPlanVersion: { plan: { id: string } } }>(
      'finance',
      `mutation ($id: ID!) { publishPlanVersion(planVersionId: $id) {
        state publishedAt contractCount plan { id name }
        terms { currency cadence
          charges { kind key description amount per meter unit priceModel unitPrice tiers { upTo unitPrice } pooling }
          guarantees { key description target basis capPercent bands { below creditPercent }
            definition { up down excluded exclusions unknownMode unknownMinutes unknownThen degraded decimals } } }
      } }`,
      { id: draft.id },
    );
    expect(version).toEqual({
      state: 'published',
      publishedAt: '2026-03-02T08:00:00.000Z',
      contractCount: 0,
      plan: { id: expect.any(String), name: 'Air' },
      terms: {
        currency: 'EUR',
        cadence: 'month',
        charges: [
          {
            ...terms.charges[0],
            amount: '400',
            meter: null,
            unit: null,
            priceModel: null,
            unitPrice: null,
            tiers: null,
            pooling: null,
          },
          {
            ...terms.charges[1],
            amount: null,
            per: null,
            unitPrice: null,
            tiers: [
              { upTo: '100', unitPrice: '1.20' },
              { upTo: null, unitPrice: '0.80' },
            ],
          },
        ],
        guarantees: terms.guarantees,
      },
    });
    const next = 'mutation ($id: ID!) { draftPlanVersion(planId: $id) { version state terms { charges { amount } } } }';
    expect(await ask('finance', next, { id: version.plan.id })).toEqual({
      draftPlanVersion: { version: 2, state: 'draft', terms: { charges: [{ amount: '400' }, { amount: null }] } },
    });
    const { plan } = await ask<{ plan: unknown }>(
      'analyst',
      'query ($id: ID!) { plan(id: $id) { name versions { version state } } }',
      { id: version.plan.id },
    );
    expect(plan).toEqual({
      name: 'Air',
      versions: [
        { version: 2, state: 'draft' },
        { version: 1, state: 'published' },
      ],
    });
    expect(await ask('auditor', '{ plans { name } }')).toEqual({ plans: expect.arrayContaining([{ name: 'Air' }]) });
    const change = 'mutation ($id: ID!, $t: TermsInput!) { saveDraft(planVersionId: $id, terms: $t) { id } }';
    expect((await refusal('finance', change, { id: draft.id, t: terms })).code).toBe('STATE_CONFLICT');
    expect(
      await ask('finance', 'mutation ($id: ID!) { retirePlanVersion(planVersionId: $id) { state } }', { id: draft.id }),
    ).toEqual({
      retirePlanVersion: { state: 'retired' },
    });
  });

  it('with faults name every one by its place', async () => {
    const charges = [
      { ...terms.charges[0], amount: '-450.00' },
      {
        ...terms.charges[1],
        key: 'base_fee',
        tiers: [
          { upTo: '100', unitPrice: '-1' },
          { upTo: '50', unitPrice: '1' },
        ],
      },
    ];
    const { code, faults } = await refusal('finance', createPlan, { name: 'Bad', terms: { ...terms, charges } });
    expect(code).toBe('INVALID_INPUT');
    expect((faults as { field: string }[]).map((f) => f.field)).toEqual([
      'charges[0].amount',
      'charges[1].price.tiers[0].unitPrice',
      'charges[1].price.tiers[1].upTo',
      'charges[1].price.tiers[1].upTo',
      'charges[1].key',
    ]);
    const { plans: all } = await ask<{ plans: { name: string }[] }>('finance', '{ plans { name } }');
    expect(all.map((p) => p.name)).not.toContain('Bad');
  });

  it.each(['fleet', 'service', 'owner', 'billing_contact', 'viewer', 'partner'] as const)(
    'are not for %s',
    async (role) => {
      expect((await refusal(role, '{ plans { name } }')).code).toBe('FORBIDDEN');
      expect((await refusal(role, createPlan, { name: 'Mine', terms })).code).toBe('FORBIDDEN');
    },
  );

  it('may be read but not made by an analyst', async () => {
    await ask('analyst', '{ plans { id } }');
    expect((await refusal('analyst', createPlan, { name: 'Mine', terms })).code).toBe('FORBIDDEN');
  });
});

describe('contracts over GraphQL', () => {
  let id = '';
  beforeAll(async () => {
    const made = await ask<{ createContract: { id: string } }>('finance', createContract, { input: await input() });
    expect(made.createContract).toMatchObject({ number: 'C-1', state: 'active' });
    id = made.createContract.id;
  });

  it('show their terms, customer, assets and plan version', async () => {
    const { contract } = await ask<{ contract: unknown }>(
      'finance',
      `query ($id: ID!) { contract(id: $id) { number currency timeZone from to state customer { name contracts { number } }
        assets { name contract { number } } planVersion { version contractCount } terms { charges { key } guarantees { key } } } }`,
      { id },
    );
    expect(contract).toEqual({
      number: 'C-1',
      currency: 'EUR',
      timeZone: 'Europe/Berlin',
      from: '2025-12-31T23:00:00.000Z',
      to: null,
      state: 'active',
      customer: { name: 'Alpha', contracts: [{ number: 'C-1' }] },
      assets: [
        { name: 'Alpha 1', contract: { number: 'C-1' } },
        { name: 'Alpha 2', contract: { number: 'C-1' } },
      ],
      planVersion: { version: 1, contractCount: 1 },
      terms: { charges: [{ key: 'base_fee' }, { key: 'running' }], guarantees: [{ key: 'uptime' }] },
    });
  });

  it('are the customer’s own to read, without the plan', async () => {
    const own = '{ contracts { totalCount edges { node { number terms { currency } } } } }';
    expect(await ask('owner', own)).toEqual({
      contracts: { totalCount: 1, edges: [{ node: { number: 'C-1', terms: { currency: 'EUR' } } }] },
    });
    expect(await ask('owner', own, {}, 'beta')).toEqual({ contracts: { totalCount: 0, edges: [] } });
    const plan = (fields: string): string => `query ($id: ID!) { contract(id: $id) { planVersion { ${fields} } } }`;
    expect(await ask('owner', plan('version plan { name }'), { id })).toMatchObject({
      contract: { planVersion: { version: 1 } },
    });
    expect((await refusal('owner', plan('plan { versions { version } }'), { id })).code).toBe('FORBIDDEN');
    expect((await refusal('owner', plan('contractCount'), { id })).code).toBe('FORBIDDEN');
  });

  it('of another customer do not exist', async () => {
    const query = 'query ($id: ID!) { contract(id: $id) { number } }';
    expect(await ask('billing_contact', query, { id })).toEqual({ contract: { number: 'C-1' } });
    const strange = await refusal('billing_contact', query, { id }, 'beta');
    const missing = await refusal('billing_contact', query, { id: '01890000-0000-7000-8000-000000000000' }, 'beta');
    expect(strange.code).toBe('NOT_FOUND');
    expect(strange.message?.replace(id, '')).toBe(missing.message?.replace('01890000-0000-7000-8000-000000000000', ''));
    expect((await refusal('owner', query, { id: "x' or 1=1" })).code).toBe('NOT_FOUND');
  });

  it('are no error on an asset’s page of those who may not read them', async () => {
    const query = 'query ($id: ID!) { asset(id: $id) { name contract { number } } }';
    for (const role of ['viewer', 'operator', 'fleet'] as const)
      expect(await ask(role, query, { id: assets.Alpha[0] })).toEqual({ asset: { name: 'Alpha 1', contract: null } });
    expect(await ask('owner', query, { id: assets.Alpha[0] })).toEqual({
      asset: { name: 'Alpha 1', contract: { number: 'C-1' } },
    });
    expect(await ask('owner', query, { id: assets.Alpha[2] })).toEqual({ asset: { name: 'Alpha 3', contract: null } });
    expect((await refusal('viewer', '{ contracts { totalCount } }')).code).toBe('FORBIDDEN');
  });

  it('never overlap, and the other one is named', async () => {
    const overlapping = await input({ number: 'C-2', assetIds: [assets.Alpha[2], assets.Alpha[1]] });
    expect(await refusal('finance', createContract, { input: overlapping })).toMatchObject({
      code: 'CONFLICT',
      message: 'Alpha 2 is under contract C-1 from 2025-12-31T23:00:00.000Z with no end',
    });
  });

  it.each([
    [{ number: '' }, ['number']],
    [{ timeZone: 'Mars/Olympus' }, ['timeZone']],
    [{ to: '2025-12-31T23:00:00Z' }, ['to']],
    [{ assetIds: [] }, ['assetIds']],
  ])('with %j are refused', async (more, fields) => {
    const { code, faults } = await refusal('finance', createContract, { input: await input(more) });
    expect(code).toBe('INVALID_INPUT');
    expect((faults as { field: string }[]).map((f) => f.field)).toEqual(fields);
  });

  it('take no asset of another customer', async () => {
    const mixed = await input({ number: 'C-3', assetIds: [assets.Alpha[2], assets.Beta[0]] });
    expect(await refusal('finance', createContract, { input: mixed })).toMatchObject({
      code: 'INVALID_INPUT',
      faults: [{ field: 'assetIds[1]', rule: 'must be an asset of the customer' }],
    });
    expect((await refusal('owner', createContract, { input: mixed })).code).toBe('FORBIDDEN');
  });

  it('end, and an ended one does not end again', async () => {
    const made = await ask<{ createContract: { id: string } }>('finance', createContract, {
      input: await input({ number: 'C-4', customerId: api.organisations.Beta, assetIds: [assets.Beta[0]] }),
    });
    const end = 'mutation ($id: ID!) { endContract(contractId: $id) { state to } }';
    const variables = { id: made.createContract.id };
    expect(await ask('finance', end, variables)).toEqual({
      endContract: { state: 'ended', to: '2026-03-02T08:00:00.000Z' },
    });
    expect((await refusal('finance', end, variables)).code).toBe('STATE_CONFLICT');
  });

  it('come in pages with cursors', async () => {
    const query = `query ($after: String) { contracts(first: 1, after: $after) { totalCount edges { node { number } } pageInfo { hasNextPage endCursor } } }`;
    type Page = {
      contracts: { edges: { node: { number: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
    };
    const first = await ask<Page>('finance', query);
    const second = await ask<Page>('finance', query, { after: first.contracts.pageInfo.endCursor });
    expect([first, second].map((p) => p.contracts.edges.map((e) => e.node.number))).toEqual([['C-1'], ['C-4']]);
    expect(second.contracts.pageInfo.hasNextPage).toBe(false);
    expect((await refusal('finance', query, { after: 'made up' })).code).toBe('INVALID_INPUT');
  });
});
