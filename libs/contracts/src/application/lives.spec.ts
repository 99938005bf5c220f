import { DomainError, newId } from '@throughline/kernel';
import type { Meter } from '@throughline/metering';
import { type EntityManager, everyCustomer } from '@throughline/platform';
import fc from 'fast-check';
import { baseFee, output, perUnit, termsOf } from '../../../../test/support/rating-examples.js';
import { MemoryContracts } from '../../test/memory-contracts.js';
import type { CreateContractInput } from '../domain/contract.js';
import type { PlanVersion } from '../domain/plan.js';

/** What may happen to plans and contracts in their lives, in memory. */
const DAY = 86_400_000;
const NOW = Date.parse('2026-06-15T12:00:00Z');
const terms = termsOf([baseFee(), output(perUnit('0.0115'))]);
const other = termsOf([baseFee('99.00')]);
const [customerId, stranger, model, bare] = [newId(), newId(), newId(), newId()];
const assets = [1, 2, 3].map((n) => ({ id: newId(), name: `AC-${n}`, customerId, modelId: model, retiredAt: null }));
const retired = { ...assets[0], id: newId(), name: 'AC-old', retiredAt: new Date(NOW + 10 * DAY) };
const foreign = { ...assets[0], id: newId(), name: 'AC-x', customerId: stranger };
const meterless = { ...assets[0], id: newId(), name: 'P-1', modelId: bare };
const [first, second, third] = assets.map((a) => a.id) as [string, string, string];
const meter: Meter = {
  id: newId(),
  modelId: model,
  name: 'output_m3',
  title: 'Air',
  definition: { type: 'counter', metric: 'output_m3' },
  unit: 'm3',
};
const em = {} as EntityManager;

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error) => {
      if (!(error instanceof DomainError)) throw error;
      return error.code;
    },
  );

async function world(): Promise<{ world: MemoryContracts; version: PlanVersion }> {
  const made = new MemoryContracts([...assets, retired, foreign, meterless], [meter], NOW);
  const version = await made.createPlan.run(everyCustomer, ' Air ', terms);
  return { world: made, version: await made.publish.run(everyCustomer, version.id) };
}
const days = (n: number): Date => new Date(NOW + n * DAY);
let serial = 0;
const over = (version: PlanVersion, more: Partial<CreateContractInput>): CreateContractInput => ({
  number: `C-${++serial}`,
  customerId,
  planVersionId: version.id,
  assetIds: [first],
  from: days(0),
  to: null,
  timeZone: 'Europe/Amsterdam',
  ...more,
});

describe('the life of a plan', () => {
  type Step = { readonly what: 'draft' | 'save' | 'publish' | 'retire'; readonly on: number };
  const steps = fc.array(
    fc.record<Step>({ what: fc.constantFrom('draft', 'save', 'publish', 'retire'), on: fc.nat(5) }),
    { maxLength: 25 },
  );

  it('has one draft at a time, numbers without holes, and terms that never change once they are published', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const made = new MemoryContracts([], [], NOW);
        const { planId } = await made.createPlan.run(everyCustomer, 'Air', terms);
        const model: ('draft' | 'published' | 'retired')[] = ['draft'];
        const frozen = new Map<string, string>();
        const all = () => [...made.versions.values()].sort((a, b) => a.version - b.version);
        for (const { what, on } of list) {
          const at = on % model.length;
          const id = all()[at]?.id ?? '';
          const allowed = {
            draft: !model.includes('draft'),
            save: model[at] === 'draft',
            publish: model[at] === 'draft',
            retire: model[at] === 'published',
          }[what];
          const work = {
            draft: () => made.draft.run(everyCustomer, planId),
            save: () => made.save.run(everyCustomer, id, on % 2 ? other : terms),
            publish: () => made.publish.run(everyCustomer, id),
            retire: () => made.retire.run(everyCustomer, id),
          }[what];
          expect(await codeOf(work())).toBe(allowed ? 'done' : 'STATE_CONFLICT');
          if (allowed && what === 'draft') model.push('draft');
          if (allowed && what === 'publish') model[at] = 'published';
          if (allowed && what === 'retire') model[at] = 'retired';
          expect(all().map((v) => [v.version, v.state])).toEqual(model.map((state, n) => [n + 1, state]));
          for (const v of all()) {
            if (v.state === 'draft') continue;
            expect(v.publishedAt).toEqual(days(0));
            const text = JSON.stringify(v.terms);
            expect(frozen.get(v.id) ?? text).toBe(text);
            frozen.set(v.id, text);
          }
        }
        expect(made.told.map(([, { version }]) => version)).toHaveLength(model.filter((s) => s !== 'draft').length);
      }),
      { numRuns: 25 },
    );
  });

  it('goes on from the newest terms, or from others that are given', async () => {
    const { world: made, version } = await world();
    const next = await made.draft.run(everyCustomer, version.planId, other);
    expect([next.version, next.state, next.terms]).toEqual([2, 'draft', other]);
    await made.publish.run(everyCustomer, next.id);
    expect((await made.draft.run(everyCustomer, version.planId)).terms).toEqual(other);
  });

  it.each(['', '   ', 'x'.repeat(201), 'two\nlines'])('does not begin under the name %j', async (name) => {
    const made = new MemoryContracts([], [], NOW);
    expect(await codeOf(made.createPlan.run(everyCustomer, name, terms))).toBe('INVALID_INPUT');
    expect(made.plans.size).toBe(0);
  });

  it('knows no plan or version that does not exist', async () => {
    const { world: made } = await world();
    for (const id of [newId(), 'x'])
      expect(
        await Promise.all(
          [
            made.draft.run(everyCustomer, id),
            made.save.run(everyCustomer, id, terms),
            made.publish.run(everyCustomer, id),
            made.retire.run(everyCustomer, id),
            made.end.run(everyCustomer, id),
          ].map(codeOf),
        ),
      ).toEqual(['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND']);
  });
});

describe('signing', () => {
  it('freezes the terms: what the plan becomes later changes nothing', async () => {
    const { world: made, version } = await world();
    const contract = await made.sign.run(everyCustomer, over(version, { assetIds: [first, second], to: days(30) }));
    const next = await made.draft.run(everyCustomer, version.planId, other);
    await made.publish.run(everyCustomer, next.id);
    await made.retire.run(everyCustomer, version.id);
    expect(made.contracts.get(contract.id)).toMatchObject({ terms, currency: 'EUR', from: NOW, to: NOW + 30 * DAY });
    expect(made.stays.map((s) => [s.assetId, s.from, s.to])).toEqual([
      [first, NOW, NOW + 30 * DAY],
      [second, NOW, NOW + 30 * DAY],
    ]);
    expect(made.told.find(([name]) => name === 'contracts.contract-signed')?.[1]).toMatchObject({
      number: contract.number,
      assetIds: [first, second],
      to: NOW + 30 * DAY,
    });
  });

  it('needs a published version', async () => {
    const { world: made, version } = await world();
    const draft = await made.draft.run(everyCustomer, version.planId);
    expect(await codeOf(made.sign.run(everyCustomer, over(draft, {})))).toBe('STATE_CONFLICT');
    await made.retire.run(everyCustomer, version.id);
    expect(await codeOf(made.sign.run(everyCustomer, over(version, {})))).toBe('STATE_CONFLICT');
    expect(await codeOf(made.sign.run(everyCustomer, over({ ...version, id: newId() }, {})))).toBe('NOT_FOUND');
    expect(made.contracts.size).toBe(0);
  });

  it.each([
    ['of another customer', [first, foreign.id], 'assetIds[1]', 'must be an asset of the customer'],
    ['that does not exist', [customerId], 'assetIds[0]', 'must be an asset of the customer'],
    ['retired before the end', [retired.id], 'assetIds[0]', 'must be in service, but AC-old was retired at'],
    ['without the meter', [meterless.id], 'charges[1].meter', 'must be a meter of the model of P-1, which has none'],
  ])('refuses an asset %s, by its place', async (_what, assetIds, field, rule) => {
    const { world: made, version } = await world();
    const faults = await made.sign.run(everyCustomer, over(version, { assetIds })).then(
      () => [],
      (error: DomainError) => error.faults.map((f) => [f.field, f.rule]),
    );
    expect(faults).toEqual([[field, expect.stringContaining(rule)]]);
  });

  it('takes an asset that is retired only when the contract is over', async () => {
    const { world: made, version } = await world();
    const upTo = (day: number) =>
      made.sign.run(everyCustomer, over(version, { assetIds: [retired.id], to: days(day) }));
    expect(await codeOf(upTo(11))).toBe('INVALID_INPUT');
    expect(await codeOf(upTo(10))).toBe('done');
  });

  it('names every contract that an asset is under already, with its time', async () => {
    const { world: made, version } = await world();
    await made.sign.run(everyCustomer, over(version, { number: 'C-A', to: days(10) }));
    await made.sign.run(everyCustomer, over(version, { number: 'C-B', assetIds: [second], from: days(5) }));
    await expect(
      made.sign.run(everyCustomer, over(version, { assetIds: [first, second, third], from: days(9) })),
    ).rejects.toThrow(
      'AC-1 is under contract C-A from 2026-06-15T12:00:00.000Z to 2026-06-25T12:00:00.000Z; ' +
        'AC-2 is under contract C-B from 2026-06-20T12:00:00.000Z with no end',
    );
  });
});

describe('contracts of the same assets, for any order of signing and ending', () => {
  const during = fc.tuple(fc.integer({ min: -30, max: 30 }), fc.option(fc.integer({ min: 1, max: 30 })));
  const step = fc.record({
    during,
    which: fc.subarray([first, second, third], { minLength: 1 }),
    /** Instead of signing: ends an earlier contract on a day. */
    ends: fc.option(fc.tuple(fc.nat(5), fc.integer({ min: -30, max: 40 })), { freq: 2 }),
    passes: fc.nat(3),
  });

  it('never hold an asset twice at one instant, and refuse nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const { world: made, version } = await world();
        /** Asset and half day → the contract it is under: said again without intervals. */
        const taken = new Map<string, string>();
        const signed: { id: string; from: number; to: number | null }[] = [];
        const HORIZON = 160;
        const halves = (from: number, to: number | null) =>
          Array.from({ length: (to ?? HORIZON) * 2 - from * 2 }, (_, n) => from * 2 + n);
        let today = 0;
        for (const {
          during: [from, length],
          which,
          ends,
          passes,
        } of steps) {
          made.clock.at += passes * DAY;
          today += passes;
          const target = ends && signed[ends[0] % Math.max(1, signed.length)];
          if (ends && target) {
            const [, day] = ends;
            const over = target.to !== null && target.to <= today;
            const later = target.to !== null && day > target.to;
            const expected = over ? 'STATE_CONFLICT' : day <= target.from || later ? 'INVALID_INPUT' : 'done';
            expect(await codeOf(made.end.run(everyCustomer, target.id, days(day)))).toBe(expected);
            if (expected !== 'done') continue;
            target.to = day;
            for (const [key, id] of taken)
              if (id === target.id && Number(key.split(' ')[1]) >= day * 2) taken.delete(key);
          } else {
            const to = length === null ? null : from + length;
            const keys = which.flatMap((asset) => halves(from, to).map((half) => `${asset} ${half}`));
            const free = keys.every((key) => !taken.has(key));
            const input = over(version, { assetIds: which, from: days(from), to: to === null ? null : days(to) });
            const result = made.sign.run(everyCustomer, input);
            expect(await codeOf(result)).toBe(free ? 'done' : 'CONFLICT');
            if (!free) continue;
            const { id } = await result;
            signed.push({ id, from, to });
            for (const key of keys) taken.set(key, id);
          }
        }
        for (const asset of [first, second, third])
          for (let half = -60; half < 2 * 70; half += 1) {
            const found = await made.read.ofAssets(em, [asset], NOW + (half * DAY) / 2);
            expect(found.get(asset)?.id).toBe(taken.get(`${asset} ${half}`));
          }
      }),
      { numRuns: 20 },
    );
  });
});

describe('the end of a contract', () => {
  it('is now when no time is given, and frees its assets from that instant', async () => {
    const { world: made, version } = await world();
    const contract = await made.sign.run(everyCustomer, over(version, { from: days(-10) }));
    expect((await made.end.run(everyCustomer, contract.id)).to).toBe(NOW);
    expect(await made.read.ofAssets(em, [first], NOW - 1)).toEqual(new Map([[first, { ...contract, to: NOW }]]));
    expect(await made.read.ofAssets(em, [first], NOW)).toEqual(new Map());
    expect(await codeOf(made.sign.run(everyCustomer, over(version, {})))).toBe('done');
    // Over at this very instant: nothing is left to be agreed.
    expect(await codeOf(made.end.run(everyCustomer, contract.id, days(-1)))).toBe('STATE_CONFLICT');
    expect(made.told.find(([name]) => name === 'contracts.contract-ended')?.[1]).toMatchObject({
      contractId: contract.id,
      assetIds: [first],
      to: NOW,
    });
  });

  it('may be agreed again, but only earlier, and not once it is past', async () => {
    const { world: made, version } = await world();
    const { id } = await made.sign.run(everyCustomer, over(version, { from: days(-10), to: days(20) }));
    expect(await codeOf(made.end.run(everyCustomer, id, days(21)))).toBe('INVALID_INPUT');
    expect(await codeOf(made.end.run(everyCustomer, id, days(20)))).toBe('done');
    expect(await codeOf(made.end.run(everyCustomer, id, days(5)))).toBe('done');
    expect(await codeOf(made.end.run(everyCustomer, id, days(6)))).toBe('INVALID_INPUT');
    // Back to before what was billed: billing gives it back.
    expect(await codeOf(made.end.run(everyCustomer, id, days(-3)))).toBe('done');
    expect(await codeOf(made.end.run(everyCustomer, id, days(-4)))).toBe('STATE_CONFLICT');
    expect(made.contracts.get(id)?.to).toBe(NOW - 3 * DAY);
  });

  it.each([
    ['its begin', -10],
    ['before it', -11],
  ])('cannot be %s', async (_when, day) => {
    const { world: made, version } = await world();
    const { id } = await made.sign.run(everyCustomer, over(version, { from: days(-10) }));
    expect(await codeOf(made.end.run(everyCustomer, id, days(day)))).toBe('INVALID_INPUT');
    expect(await codeOf(made.end.run(everyCustomer, id, new Date('never')))).toBe('INVALID_INPUT');
    expect(made.contracts.get(id)?.to).toBeNull();
  });
});

describe('a list of contracts, page by page', () => {
  it('has each once, by number, and says how many there are; of somebody unknown there are none', async () => {
    const { world: made, version } = await world();
    for (const n of [3, 1, 2, 5, 4])
      await made.sign.run(everyCustomer, over(version, { number: `P-${n}`, from: days(n), to: days(n + 1) }));
    for (const first of [1, 2, 3, 5, 9]) {
      const numbers: string[] = [];
      for (let after: string | undefined, more = true; more; ) {
        const page = await made.read.page(em, { first, after }, customerId);
        expect(page.totalCount).toBe(5);
        numbers.push(...page.edges.map((edge) => edge.node.number));
        after = page.edges.at(-1)?.cursor;
        more = page.pageInfo.hasNextPage;
      }
      expect(numbers).toEqual(['P-1', 'P-2', 'P-3', 'P-4', 'P-5']);
    }
    for (const nobody of [stranger, 'x', ''])
      expect((await made.read.page(em, { first: 9, after: undefined }, nobody)).totalCount).toBe(0);
    await expect(made.read.page(em, { first: 9, after: 'not a cursor' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });
});
