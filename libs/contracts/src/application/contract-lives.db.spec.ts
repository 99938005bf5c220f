import { DomainError, newId } from '@throughline/kernel';
import { RegisterMeter } from '@throughline/metering';
import { everyCustomer } from '@throughline/platform';
import fc from 'fast-check';
import { type TestContext, testModule } from '../../../../test/support/database.js';
import { type Machines, machines } from '../../../../test/support/machines.js';
import { baseFee, output, perUnit, termsOf, uptime } from '../../../../test/support/rating-examples.js';
import { ContractsModule } from '../contracts.module.js';
import { contractState } from '../domain/contract.js';
import { Contracts } from './contracts.js';
import { CreateContract } from './create-contract.js';
import { CreatePlan } from './create-plan.js';
import { DraftPlanVersion } from './draft-plan-version.js';
import { EndContract } from './end-contract.js';
import { Plans } from './plans.js';
import { PublishPlanVersion } from './publish-plan-version.js';
import { RetirePlanVersion } from './retire-plan-version.js';
import { SaveDraft } from './save-draft.js';

/** Any run of what people do with plans and contracts, beside a model that keeps nothing but lists. */
const DAY = 86_400_000;
const START = Date.parse('2026-03-02T08:00:00Z');
const terms = termsOf([baseFee(), output(perUnit('0.0115'))], [uptime()]);

let context: TestContext;
let acme: Machines;
let serial = 0;

beforeAll(async () => {
  context = await testModule([ContractsModule]);
  acme = await machines(context);
  await context.module
    .get(RegisterMeter)
    .run(acme.model.id, { name: 'output_m3', title: 'Air', definition: { type: 'counter', metric: 'output_m3' } });
});
afterAll(() => context.close());

const use = <T>(type: new (...args: never[]) => T): T => context.module.get(type);
const outcome = async <T>(work: Promise<T>): Promise<T | string> =>
  work.catch((error: unknown) => {
    if (!(error instanceof DomainError)) throw error;
    return error.code;
  });

interface Signed {
  readonly id: string;
  readonly assets: readonly number[];
  readonly from: number;
  to: number | null;
}
const end = ({ to }: Pick<Signed, 'to'>): number => to ?? Number.POSITIVE_INFINITY;

const day = fc.integer({ min: -60, max: 200 });
const act = fc.oneof(
  fc.record({
    kind: fc.constant('sign' as const),
    assets: fc.uniqueArray(fc.nat(2), { minLength: 1, maxLength: 3 }),
    from: day,
    days: fc.option(fc.integer({ min: 1, max: 120 })),
  }),
  fc.record({ kind: fc.constant('end' as const), which: fc.nat(), at: fc.option(day) }),
  fc.record({ kind: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 60 }) }),
);

describe('any run of signing and ending', () => {
  it('lets an asset be under one contract at a time, and answers as a list of contracts would', async () => {
    const draft = await use(CreatePlan).run(everyCustomer, `Plan ${newId()}`, terms);
    const { id: planVersionId } = await use(PublishPlanVersion).run(everyCustomer, draft.id);
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 3, maxLength: 14 }), async (acts) => {
        context.clock.set(new Date(START));
        const assets: string[] = [];
        for (let n = 0; n < 3; n += 1) assets.push((await acme.machine(`CL-${++serial}`)).asset.id);
        const model: Signed[] = [];
        for (const now of acts) {
          const present = context.clock.now().getTime();
          if (now.kind === 'wait') context.clock.advance(now.days * DAY);
          else if (now.kind === 'sign') {
            const [from, to] = [START + now.from * DAY, now.days === null ? null : START + (now.from + now.days) * DAY];
            const clash = model.some(
              (c) => c.assets.some((a) => now.assets.includes(a)) && c.from < end({ to }) && from < end(c),
            );
            const got = await outcome(
              use(CreateContract).run(everyCustomer, {
                number: `C-${newId()}`,
                customerId: acme.customerId,
                planVersionId,
                assetIds: now.assets.map((n) => assets[n] ?? ''),
                from: new Date(from),
                to: to === null ? null : new Date(to),
                timeZone: 'Europe/Amsterdam',
              }),
            );
            expect(typeof got === 'string' ? got : 'signed').toBe(clash ? 'CONFLICT' : 'signed');
            if (typeof got !== 'string') model.push({ id: got.id, assets: now.assets, from, to });
          } else {
            const known = model[now.which % Math.max(1, model.length)];
            if (!known) continue;
            const at = now.at === null ? present : START + now.at * DAY;
            const expected =
              end(known) <= present
                ? 'STATE_CONFLICT'
                : at <= known.from || at > end(known)
                  ? 'INVALID_INPUT'
                  : 'ended';
            const got = await outcome(
              use(EndContract).run(everyCustomer, known.id, now.at === null ? undefined : new Date(at)),
            );
            expect(typeof got === 'string' ? got : 'ended').toBe(expected);
            if (expected === 'ended') known.to = at;
          }
        }
        const stored = await context.database.read(everyCustomer, (em) =>
          use(Contracts).many(
            em,
            model.map((c) => c.id),
          ),
        );
        expect(stored.map((c) => [c.id, c.from, c.to]).sort()).toEqual(model.map((c) => [c.id, c.from, c.to]).sort());
        const present = context.clock.now().getTime();
        for (const contract of stored) {
          const state = contractState(contract, present);
          expect(state).toBe(end(contract) <= present ? 'ended' : contract.from > present ? 'upcoming' : 'active');
          expect(contract.terms).toEqual(terms);
        }
        const stays = await context.database.read(everyCustomer, (em) =>
          use(Contracts).staysOfAssets(em, assets, { from: START - 400 * DAY, to: START + 800 * DAY }),
        );
        for (const [n, assetId] of assets.entries()) {
          const own = stays.filter((stay) => stay.assetId === assetId).sort((a, b) => a.from - b.from);
          const meant = model.filter((c) => c.assets.includes(n)).sort((a, b) => a.from - b.from);
          expect(own.map((s) => [s.contractId, s.from, s.to])).toEqual(meant.map((c) => [c.id, c.from, c.to]));
          for (const [i, stay] of own.entries())
            if (i > 0) expect(end(own[i - 1] ?? stay)).toBeLessThanOrEqual(stay.from);
        }
      }),
      { numRuns: 3, endOnFailure: true },
    );
  }, 120_000);
});

describe('any run of drafting, publishing and retiring', () => {
  type State = 'draft' | 'published' | 'retired';
  const step = fc.record({
    kind: fc.constantFrom('draft', 'save', 'publish', 'retire'),
    which: fc.nat(),
    fee: fc.nat(999),
  });

  it('never changes the terms of a version that was published, and has one draft at most', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 16 }), async (steps) => {
        const first = await use(CreatePlan).run(everyCustomer, `Plan ${newId()}`, terms);
        const model: { id: string; state: State; fee: string }[] = [{ id: first.id, state: 'draft', fee: '450.00' }];
        for (const { kind, which, fee } of steps) {
          const known = model[which % model.length];
          if (!known) throw new Error('there is always a version');
          const changed = termsOf([baseFee(`${fee}.00`)]);
          if (kind === 'draft') {
            const got = await outcome(use(DraftPlanVersion).run(everyCustomer, first.planId, changed));
            const may = model.every((v) => v.state !== 'draft');
            expect(typeof got === 'string').toBe(!may);
            if (typeof got !== 'string') model.push({ id: got.id, state: 'draft', fee: `${fee}.00` });
          } else if (kind === 'save') {
            const got = await outcome(use(SaveDraft).run(everyCustomer, known.id, changed));
            expect(typeof got === 'string').toBe(known.state !== 'draft');
            if (typeof got !== 'string') known.fee = `${fee}.00`;
          } else if (kind === 'publish') {
            const got = await outcome(use(PublishPlanVersion).run(everyCustomer, known.id));
            expect(typeof got === 'string').toBe(known.state !== 'draft');
            if (typeof got !== 'string') known.state = 'published';
          } else {
            const got = await outcome(use(RetirePlanVersion).run(everyCustomer, known.id));
            expect(typeof got === 'string').toBe(known.state !== 'published');
            if (typeof got !== 'string') known.state = 'retired';
          }
        }
        const stored = await use(Plans).versions(
          everyCustomer,
          model.map((v) => v.id),
        );
        const feeOf = (charge: unknown) => (charge as { amount?: string } | undefined)?.amount;
        expect(stored.map((v) => [v.id, v.state, feeOf(v.terms.charges[0])]).sort()).toEqual(
          model.map((v) => [v.id, v.state, v.fee]).sort(),
        );
        // Numbered 1, 2, 3 … in the order they were drafted.
        const numbers = new Map(stored.map((v) => [v.id, v.version]));
        expect(model.map((v) => numbers.get(v.id))).toEqual(model.map((_, n) => n + 1));
      }),
      { numRuns: 3, endOnFailure: true },
    );
  }, 120_000);
});
