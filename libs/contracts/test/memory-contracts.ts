import type { Asset } from '@throughline/fleet';
import type { Interval } from '@throughline/kernel';
import type { Meter, Meters } from '@throughline/metering';
import type { Outbox } from '@throughline/platform';
import { MemoryClock, memoryAssets, memoryDatabase } from '../../../test/support/in-memory.js';
import { Contracts } from '../src/application/contracts.js';
import { CreateContract } from '../src/application/create-contract.js';
import { CreatePlan } from '../src/application/create-plan.js';
import { DraftPlanVersion } from '../src/application/draft-plan-version.js';
import { EndContract } from '../src/application/end-contract.js';
import { PublishPlanVersion } from '../src/application/publish-plan-version.js';
import { RetirePlanVersion } from '../src/application/retire-plan-version.js';
import { SaveDraft } from '../src/application/save-draft.js';
import type { Contract, Stay } from '../src/domain/contract.js';
import type { Plan, PlanVersion } from '../src/domain/plan.js';
import type { Terms } from '../src/domain/terms.js';
import type { ContractStore } from '../src/storage/contract.store.js';
import type { PlanStore } from '../src/storage/plan.store.js';

/** `to` as a number that compares: an end that is not agreed lies behind everything. */
const endOf = (to: number | null): number => to ?? Number.POSITIVE_INFINITY;
const shares = (stay: Stay, { from, to }: Interval): boolean => stay.from < to && endOf(stay.to) > from;

/** Plans, contracts and stays in memory, and every use case that changes them. */
export class MemoryContracts {
  readonly clock: MemoryClock;
  readonly plans = new Map<string, Plan>();
  readonly versions = new Map<string, PlanVersion>();
  readonly contracts = new Map<string, Contract>();
  stays: Stay[] = [];
  /** Names and payloads of what was told, in turn. */
  readonly told: [string, Record<string, unknown>][] = [];

  readonly createPlan: CreatePlan;
  readonly draft: DraftPlanVersion;
  readonly save: SaveDraft;
  readonly publish: PublishPlanVersion;
  readonly retire: RetirePlanVersion;
  readonly sign: CreateContract;
  readonly end: EndContract;
  readonly read: Contracts;

  constructor(assets: readonly Partial<Asset>[], meters: readonly Meter[], now: number) {
    this.clock = new MemoryClock(now);
    const database = memoryDatabase();
    const outbox = {
      publish: (_: unknown, event: { name: string }, payload: Record<string, unknown>) => {
        this.told.push([event.name, payload]);
        return Promise.resolve();
      },
    } as unknown as Outbox;
    const [plans, contracts] = [this.planStore(), this.contractStore()];
    this.createPlan = new CreatePlan(database, plans, this.clock);
    this.draft = new DraftPlanVersion(database, plans, this.clock);
    this.save = new SaveDraft(database, plans);
    this.publish = new PublishPlanVersion(database, plans, outbox, this.clock);
    this.retire = new RetirePlanVersion(database, plans);
    const ofModels = (ids: readonly string[]) => Promise.resolve(meters.filter((m) => ids.includes(m.modelId)));
    const known = memoryAssets(...assets);
    const catalogue = { ofModels } as unknown as Meters;
    this.sign = new CreateContract(database, contracts, plans, known, catalogue, outbox, this.clock);
    this.end = new EndContract(database, contracts, outbox, this.clock);
    this.read = new Contracts(contracts);
  }

  private planStore(): PlanStore {
    const change = (id: string, more: Partial<PlanVersion>) => {
      const version = this.versions.get(id);
      if (version) this.versions.set(id, { ...version, ...more });
      return Promise.resolve();
    };
    return {
      lock: (_: unknown, id: string) => Promise.resolve(this.plans.get(id)),
      insert: (_: unknown, plan: Plan) => Promise.resolve(void this.plans.set(plan.id, plan)),
      versionsOf: (_: unknown, ids: readonly string[]) =>
        Promise.resolve(
          [...this.versions.values()].filter((v) => ids.includes(v.planId)).sort((a, b) => b.version - a.version),
        ),
      lockVersion: (_: unknown, id: string) => Promise.resolve(this.versions.get(id)),
      insertVersion: (_: unknown, version: PlanVersion) => Promise.resolve(void this.versions.set(version.id, version)),
      saveTerms: (_: unknown, id: string, terms: Terms) => change(id, { terms }),
      saveState: (_: unknown, id: string, state: PlanVersion['state'], publishedAt: Date | null) =>
        change(id, { state, publishedAt }),
    } as unknown as PlanStore;
  }

  private contractStore(): ContractStore {
    const staysOfAssets = (_: unknown, ids: readonly string[], during: Interval) =>
      Promise.resolve(this.stays.filter((s) => ids.includes(s.assetId) && shares(s, during)));
    return {
      byIds: (_: unknown, ids: readonly string[]) =>
        Promise.resolve([...this.contracts.values()].filter((c) => ids.includes(c.id))),
      page: (_: unknown, customerId: string | undefined, limit: number, after: string | undefined) => {
        const own = [...this.contracts.values()]
          .filter((c) => customerId === undefined || c.customerId === customerId)
          .sort((a, b) => (a.number < b.number ? -1 : 1));
        const rows = own.filter((c) => after === undefined || c.number > after).slice(0, limit);
        return Promise.resolve({ rows, total: own.length });
      },
      lock: (_: unknown, id: string) => Promise.resolve(this.contracts.get(id)),
      insert: (_: unknown, contract: Contract, stays: readonly Stay[]) => {
        this.contracts.set(contract.id, contract);
        this.stays.push(...stays);
        return Promise.resolve();
      },
      cut: (_: unknown, id: string, to: number) => {
        const contract = this.contracts.get(id);
        if (contract) this.contracts.set(id, { ...contract, to });
        this.stays = this.stays
          .filter((s) => s.contractId !== id || s.from < to)
          .map((s) => (s.contractId === id && endOf(s.to) > to ? { ...s, to } : s));
        return Promise.resolve();
      },
      staysOf: (_: unknown, ids: readonly string[], during?: Interval) =>
        Promise.resolve(this.stays.filter((s) => ids.includes(s.contractId) && (!during || shares(s, during)))),
      staysOfAssets,
      overlaps: async (_: unknown, ids: readonly string[], during: Interval) =>
        (await staysOfAssets(_, ids, during)).map((s) => ({
          ...s,
          contractNumber: this.contracts.get(s.contractId)?.number ?? '',
        })),
    } as unknown as ContractStore;
  }
}
