import type { Asset } from '@throughline/fleet';
import { DomainError, newId } from '@throughline/kernel';
import { RegisterMeter } from '@throughline/metering';
import { everyCustomer, onlyCustomers } from '@throughline/platform';
import { type TestContext, testModule } from '../../../../test/support/database.js';
import { type Machines, machines } from '../../../../test/support/machines.js';
import { baseFee, output, perUnit, termsOf, uptime } from '../../../../test/support/rating-examples.js';
import { ContractsModule } from '../contracts.module.js';
import { type Contract, type CreateContractInput, contractState } from '../domain/contract.js';
import type { Terms } from '../domain/terms.js';
import { Contracts } from './contracts.js';
import { CreateContract } from './create-contract.js';
import { CreatePlan } from './create-plan.js';
import { DraftPlanVersion } from './draft-plan-version.js';
import { EndContract } from './end-contract.js';
import { Plans } from './plans.js';
import { PublishPlanVersion } from './publish-plan-version.js';
import { RetirePlanVersion } from './retire-plan-version.js';
import { SaveDraft } from './save-draft.js';

const terms = termsOf([baseFee(), output(perUnit('0.0115'))], [uptime()]);
const other = termsOf([baseFee('500.00')]);

let context: TestContext;
let acme: Machines;
let beta: Machines;
let serial = 0;

beforeAll(async () => {
  context = await testModule([ContractsModule]);
  acme = await machines(context);
  beta = await machines(context);
  for (const { model } of [acme, beta])
    await context.module
      .get(RegisterMeter)
      .run(model.id, { name: 'output_m3', title: 'Air', definition: { type: 'counter', metric: 'output_m3' } });
});
afterAll(() => context.close());

const use = <T>(type: new (...args: never[]) => T): T => context.module.get(type);
const draft = (given: Terms = terms) => use(CreatePlan).run(everyCustomer, `Plan ${newId()}`, given);
const published = async (given: Terms = terms) => use(PublishPlanVersion).run(everyCustomer, (await draft(given)).id);
const asset = async (of = acme): Promise<Asset> => (await of.machine(`AC-${++serial}`)).asset;
const code = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => {
      if (!(error instanceof DomainError)) throw error;
      return error.code;
    },
  );
const events = async (name: string) =>
  (
    await acme.rows<{ payload: Record<string, unknown> }>('select payload from outbox where name = ? order by id', [
      name,
    ])
  ).map((r) => r.payload);
const versionOf = async (id: string) => (await use(Plans).versions(everyCustomer, [id]))[0];

async function sign(more: Partial<CreateContractInput> = {}): Promise<Contract> {
  return use(CreateContract).run(everyCustomer, {
    number: `C-${newId()}`,
    customerId: acme.customerId,
    planVersionId: (await published()).id,
    assetIds: more.assetIds ?? [(await asset()).id],
    from: new Date('2026-01-01T00:00:00Z'),
    to: null,
    timeZone: 'Europe/Amsterdam',
    ...more,
  });
}
const read = <T>(work: Parameters<typeof context.database.read<T>>[1], scope = everyCustomer) =>
  context.database.read(scope, work);

describe('a plan', () => {
  it('goes from draft to published to retired', async () => {
    const version = await draft();
    expect(version).toMatchObject({ version: 1, state: 'draft', terms, publishedAt: null });
    expect(await versionOf(version.id)).toEqual(version);

    expect((await use(SaveDraft).run(everyCustomer, version.id, other)).terms).toEqual(other);
    const frozen = await use(PublishPlanVersion).run(everyCustomer, version.id);
    expect(frozen).toMatchObject({ state: 'published', terms: other, publishedAt: context.clock.now() });
    expect(await versionOf(version.id)).toEqual(frozen);
    expect(await events('contracts.plan-published')).toContainEqual({
      planId: version.planId,
      planVersionId: version.id,
      version: 1,
    });

    expect(await code(use(SaveDraft).run(everyCustomer, version.id, terms))).toBe('STATE_CONFLICT');
    expect(await code(use(PublishPlanVersion).run(everyCustomer, version.id))).toBe('STATE_CONFLICT');
    expect((await use(RetirePlanVersion).run(everyCustomer, version.id)).state).toBe('retired');
    expect(await code(use(RetirePlanVersion).run(everyCustomer, version.id))).toBe('STATE_CONFLICT');
    expect((await versionOf(version.id))?.publishedAt).toEqual(frozen.publishedAt);
  });

  it('has one draft at a time, copied from the newest version or with terms of its own', async () => {
    const first = await draft();
    expect(await code(use(DraftPlanVersion).run(everyCustomer, first.planId))).toBe('STATE_CONFLICT');
    await use(PublishPlanVersion).run(everyCustomer, first.id);
    const second = await use(DraftPlanVersion).run(everyCustomer, first.planId);
    expect(second).toMatchObject({ version: 2, state: 'draft', terms });
    await use(PublishPlanVersion).run(everyCustomer, second.id);
    const third = await use(DraftPlanVersion).run(everyCustomer, first.planId, other);
    expect(third).toMatchObject({ version: 3, terms: other });
    const versions = await use(Plans).versionsOf(everyCustomer, [first.planId]);
    expect(versions.map((v) => [v.version, v.state])).toEqual([
      [3, 'draft'],
      [2, 'published'],
      [1, 'published'],
    ]);
  });

  it('gets one next draft when two people start one at the same moment', async () => {
    const { planId, id } = await draft();
    await use(PublishPlanVersion).run(everyCustomer, id);
    const codes = await Promise.all([1, 2, 3].map(() => code(use(DraftPlanVersion).run(everyCustomer, planId))));
    expect(codes.sort()).toEqual(['STATE_CONFLICT', 'STATE_CONFLICT', 'no error']);
  });

  it('refuses bad terms, taken names and unknown ids without a trace', async () => {
    const before = (await use(Plans).all(everyCustomer)).length;
    const bad = { ...terms, charges: [{ ...baseFee('-1') }] };
    expect(await code(use(CreatePlan).run(everyCustomer, 'Bad', bad))).toBe('INVALID_INPUT');
    expect(await code(use(CreatePlan).run(everyCustomer, '  ', terms))).toBe('INVALID_INPUT');
    expect((await use(Plans).all(everyCustomer)).length).toBe(before);
    await use(CreatePlan).run(everyCustomer, 'Air by the metre', terms);
    await expect(use(CreatePlan).run(everyCustomer, ' Air by the metre ', terms)).rejects.toThrow(
      '"Air by the metre" exists already',
    );
    for (const id of [newId(), 'x', "'; drop table plan; --"]) {
      expect(await code(use(SaveDraft).run(everyCustomer, id, terms))).toBe('NOT_FOUND');
      expect(await code(use(PublishPlanVersion).run(everyCustomer, id))).toBe('NOT_FOUND');
      expect(await code(use(RetirePlanVersion).run(everyCustomer, id))).toBe('NOT_FOUND');
      expect(await code(use(DraftPlanVersion).run(everyCustomer, id))).toBe('NOT_FOUND');
      expect(await code(use(Plans).get(everyCustomer, id))).toBe('NOT_FOUND');
    }
  });

  it('is held by the database too once it is published', async () => {
    const { id } = await published();
    const change = acme.rows(`update plan_version set terms = '{}'::jsonb where id = ?`, [id]);
    await expect(change).rejects.toThrow('the row is immutable');
    await expect(acme.rows('delete from plan_version where id = ?', [id])).rejects.toThrow('the row is immutable');
    expect((await versionOf(id))?.terms).toEqual(terms);
  });
});

describe('a contract', () => {
  it('freezes the terms of a published version', async () => {
    const version = await published();
    const [one, two] = [await asset(), await asset()];
    const contract = await sign({ number: 'C-1', planVersionId: version.id, assetIds: [one.id, two.id] });
    expect(contract).toMatchObject({ number: 'C-1', terms, currency: 'EUR', timeZone: 'Europe/Amsterdam', to: null });
    expect(contract.from).toBe(Date.parse('2026-01-01T00:00:00Z'));
    expect(await read((em) => use(Contracts).get(em, contract.id))).toEqual(contract);
    expect(await events('contracts.contract-signed')).toContainEqual({
      contractId: contract.id,
      number: 'C-1',
      customerId: acme.customerId,
      assetIds: [one.id, two.id],
      from: contract.from,
      to: null,
    });
    expect((await use(Plans).contractCounts(everyCustomer, [version.id])).get(version.id)).toBe(1);
    await use(RetirePlanVersion).run(everyCustomer, version.id);
    expect((await read((em) => use(Contracts).get(em, contract.id)))?.terms).toEqual(terms);
    const change = acme.rows(`update contract set terms = '{}'::jsonb where id = ?`, [contract.id]);
    await expect(change).rejects.toThrow('the row is immutable');
  });

  it('is made of a published version only', async () => {
    const unpublished = await draft();
    expect(await code(sign({ planVersionId: unpublished.id }))).toBe('STATE_CONFLICT');
    const retired = await use(RetirePlanVersion).run(everyCustomer, (await published()).id);
    expect(await code(sign({ planVersionId: retired.id }))).toBe('STATE_CONFLICT');
    expect(await code(sign({ planVersionId: newId() }))).toBe('NOT_FOUND');
  });

  it('has a number of its own', async () => {
    await sign({ number: 'C-twice' });
    await expect(sign({ number: 'C-twice' })).rejects.toThrow('a contract with the number "C-twice" exists already');
  });

  it('is for assets of its customer that are in service', async () => {
    const [own, foreign, gone] = [await asset(), await asset(beta), await asset()];
    await acme.rows(`update asset set retired_at = '2026-02-01' where id = ?`, [gone.id]);
    const attempt = sign({ assetIds: [own.id, foreign.id, newId(), gone.id] });
    await expect(attempt).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      faults: [
        { field: 'assetIds[1]', rule: 'must be an asset of the customer' },
        { field: 'assetIds[2]', rule: 'must be an asset of the customer' },
        { field: 'assetIds[3]', rule: expect.stringContaining('was retired at 2026-02-01') },
      ],
    });
    expect(await code(sign({ customerId: newId(), assetIds: [own.id] }))).toBe('INVALID_INPUT');
    expect((await sign({ assetIds: [gone.id], to: new Date('2026-01-15T00:00:00Z') })).to).not.toBeNull();
  });

  it('needs the meters its terms name, in a unit that converts', async () => {
    const wrong = termsOf([
      baseFee(),
      output(perUnit('1'), { meter: 'steam' }),
      output(perUnit('1'), { key: 'hours', unit: 'h' }),
    ]);
    await expect(sign({ planVersionId: (await published(wrong)).id })).rejects.toMatchObject({
      faults: [
        { field: 'charges[1].meter', value: 'steam', rule: expect.stringContaining('which has output_m3') },
        { field: 'charges[2].unit', value: 'h', rule: expect.stringContaining('"m3"') },
      ],
    });
    const litres = termsOf([baseFee(), output(perUnit('1'), { unit: 'L' })]);
    expect((await sign({ planVersionId: (await published(litres)).id })).terms).toEqual(litres);
  });

  it('never overlaps another contract of an asset, and names that one', async () => {
    const shared = await asset();
    const spring = { from: new Date('2026-03-01T00:00:00Z'), to: new Date('2026-06-01T00:00:00Z') };
    await sign({ number: 'C-spring', assetIds: [shared.id], ...spring });
    const later = { assetIds: [(await asset()).id, shared.id] };
    await expect(sign({ ...later, from: new Date('2026-05-31T23:59:59.999Z') })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: `${shared.name} is under contract C-spring from 2026-03-01T00:00:00.000Z to 2026-06-01T00:00:00.000Z`,
    });
    expect(await code(sign({ ...later, from: new Date('2026-01-01T00:00:00Z') }))).toBe('CONFLICT');
    expect(
      await code(sign({ ...later, from: new Date('2026-04-01T00:00:00Z'), to: new Date('2026-04-02T00:00:00Z') })),
    ).toBe('CONFLICT');
    await sign({ ...later, from: spring.to });
    await sign({ assetIds: [shared.id], from: new Date('2026-01-01T00:00:00Z'), to: spring.from });
    const stays = await acme.rows('select 1 from contract_asset where asset_id = ?', [shared.id]);
    expect(stays).toHaveLength(3);
  });

  it('is signed once when many sign for the same asset at the same moment', async () => {
    const { id } = await asset();
    const versions = await Promise.all([published(), published(), published(), published()]);
    const attempts = await Promise.allSettled(versions.map((v) => sign({ assetIds: [id], planVersionId: v.id })));
    expect(attempts.filter((a) => a.status === 'fulfilled')).toHaveLength(1);
    for (const attempt of attempts)
      if (attempt.status === 'rejected')
        expect(attempt.reason).toMatchObject({
          code: 'CONFLICT',
          message: expect.stringContaining('is under contract C-'),
        });
    expect(await acme.rows('select 1 from contract_asset where asset_id = ?', [id])).toHaveLength(1);
  });

  it('is refused by the exclusion constraint when nothing else stands in the way', async () => {
    const { id } = await asset();
    const contract = await sign({ assetIds: [id] });
    const second = acme.rows(
      'insert into contract_asset (id, contract_id, asset_id, customer_id, from_at) values (?, ?, ?, ?, ?)',
      [newId(), contract.id, id, acme.customerId, '2027-01-01T00:00:00Z'],
    );
    await expect(second).rejects.toThrow('contract_asset_one_contract_a_time');
  });
});

describe('the end of a contract', () => {
  it('frees its assets from then on', async () => {
    const { id } = await asset();
    const contract = await sign({ assetIds: [id] });
    const at = new Date('2026-04-01T00:00:00Z');
    const ended = await use(EndContract).run(everyCustomer, contract.id, at);
    expect(ended).toEqual({ ...contract, to: at.getTime() });
    expect(contractState(ended, context.clock.now().getTime())).toBe('active');
    expect(await read((em) => use(Contracts).get(em, contract.id))).toEqual(ended);
    expect(await read((em) => use(Contracts).assetsOf(em, contract.id))).toEqual([
      { contractId: contract.id, assetId: id, from: contract.from, to: at.getTime() },
    ]);
    expect(await events('contracts.contract-ended')).toContainEqual({
      contractId: contract.id,
      number: contract.number,
      customerId: acme.customerId,
      assetIds: [id],
      to: at.getTime(),
    });
    await sign({ assetIds: [id], from: at });
  });

  it('only moves closer, lies after its begin, and is final once it has passed', async () => {
    const contract = await sign({ to: new Date('2027-01-01T00:00:00Z') });
    const end = (at?: string) => code(use(EndContract).run(everyCustomer, contract.id, at ? new Date(at) : undefined));
    expect(await end('2027-01-01T00:00:00.001Z')).toBe('INVALID_INPUT');
    expect(await end('2026-01-01T00:00:00Z')).toBe('INVALID_INPUT');
    expect(await end('2026-06-01T00:00:00Z')).toBe('no error');
    expect(await end('2026-07-01T00:00:00Z')).toBe('INVALID_INPUT');
    expect(await end()).toBe('no error');
    expect(await end()).toBe('STATE_CONFLICT');
    expect(await code(use(EndContract).run(everyCustomer, newId()))).toBe('NOT_FOUND');
  });
});

describe('Contracts', () => {
  it('are found by customer, by time and by asset', async () => {
    const [one, two] = [await asset(beta), await asset(beta)];
    const of = { customerId: beta.customerId };
    const early = await sign({ ...of, number: 'B-1', assetIds: [one.id], to: new Date('2026-02-01T00:00:00Z') });
    const late = await sign({
      ...of,
      number: 'B-2',
      assetIds: [one.id, two.id],
      from: new Date('2026-02-01T00:00:00Z'),
    });
    const numbers = (found: readonly Contract[]) => found.map((c) => c.number).filter((n) => n.startsWith('B-'));
    const during = (from: string, to: string) =>
      read((em) => use(Contracts).activeDuring(em, { from: Date.parse(from), to: Date.parse(to) }));
    expect(numbers(await read((em) => use(Contracts).ofCustomer(em, beta.customerId)))).toEqual(['B-1', 'B-2']);
    expect(numbers(await read((em) => use(Contracts).all(em)))).toEqual(['B-1', 'B-2']);
    expect(numbers(await during('2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'))).toEqual(['B-1']);
    expect(numbers(await during('2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z'))).toEqual(['B-2']);
    expect(numbers(await during('2026-01-31T23:59:59Z', '2026-03-01T00:00:00Z'))).toEqual(['B-1', 'B-2']);
    expect(numbers(await during('2025-01-01T00:00:00Z', '2026-01-01T00:00:00Z'))).toEqual([]);

    const at = (instant: string) => read((em) => use(Contracts).ofAssets(em, [one.id, two.id], Date.parse(instant)));
    expect(await at('2026-01-15T00:00:00Z')).toEqual(new Map([[one.id, early]]));
    expect(await at('2026-02-01T00:00:00Z')).toEqual(
      new Map([
        [one.id, late],
        [two.id, late],
      ]),
    );

    const stays = (interval: [string, string]) =>
      read((em) =>
        use(Contracts).assetsOf(em, late.id, { from: Date.parse(interval[0]), to: Date.parse(interval[1]) }),
      );
    expect((await stays(['2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z'])).map((s) => s.assetId).sort()).toEqual(
      [one.id, two.id].sort(),
    );
    expect(await stays(['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'])).toEqual([]);
  });

  it('of another customer do not exist', async () => {
    const contract = await sign();
    const stranger = onlyCustomers([beta.customerId]);
    expect(await read((em) => use(Contracts).get(em, contract.id), stranger)).toBeUndefined();
    expect(await read((em) => use(Contracts).assetsOf(em, contract.id), stranger)).toEqual([]);
    expect(await read((em) => use(Contracts).ofCustomer(em, acme.customerId), stranger)).toEqual([]);
    expect((await read((em) => use(Contracts).get(em, contract.id), onlyCustomers([acme.customerId])))?.id).toBe(
      contract.id,
    );
    expect(await code(use(EndContract).run(stranger, contract.id))).toBe('NOT_FOUND');
    expect(await read((em) => use(Contracts).get(em, 'no id'), stranger)).toBeUndefined();
  });

  it('come in pages by number', async () => {
    const assets = await Promise.all(['P-1', 'P-2', 'P-3'].map((serialNumber) => beta.machine(serialNumber)));
    const numbers: string[] = [];
    for (const [i, { asset: own }] of assets.entries())
      numbers.push((await sign({ customerId: beta.customerId, number: `P-${i}`, assetIds: [own.id] })).number);
    const page = (first: number, after?: string) =>
      read((em) => use(Contracts).page(em, { first, after }, beta.customerId));
    const all = await page(100);
    const found: string[] = [];
    let after: string | undefined;
    do {
      const part = await page(2, after);
      found.push(...part.edges.map((e) => e.node.number));
      expect(part.totalCount).toBe(all.totalCount);
      after = part.pageInfo.hasNextPage ? (part.pageInfo.endCursor ?? undefined) : undefined;
    } while (after !== undefined);
    expect(found).toEqual(all.edges.map((e) => e.node.number));
    expect(found).toEqual(expect.arrayContaining(numbers));
    expect((await read((em) => use(Contracts).page(em, { first: 5, after: undefined }, 'no id'))).edges).toEqual([]);
  });
});
