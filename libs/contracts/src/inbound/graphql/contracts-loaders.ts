import { Injectable } from '@nestjs/common';
import type { IdentityContext } from '@throughline/identity';
import { Clock, DomainError, notFound } from '@throughline/kernel';
import { Database, type DataScope, grouped, inOrder, loader } from '@throughline/platform';
import { Contracts } from '../../application/contracts.js';
import { Plans } from '../../application/plans.js';
import type { Contract } from '../../domain/contract.js';
import type { Plan, PlanVersion } from '../../domain/plan.js';

/** Batched reads of plans and contracts, for resolvers of this and of later libs. All keep to what the caller may see. */
@Injectable()
export class ContractsLoaders {
  constructor(
    private readonly database: Database,
    private readonly contracts: Contracts,
    private readonly plans: Plans,
    private readonly clock: Clock,
  ) {}

  /** Rejects with NOT_FOUND. */
  contract(context: IdentityContext, id: string): Promise<Contract> {
    return loader<string, Contract>(context, 'contracts.contract', async (ids) =>
      inOrder(
        ids,
        await this.database.read(dataOf(context), (em) => this.contracts.many(em, ids)),
        (row) => row.id,
        (row, key) => row ?? notFound('contract', key),
      ),
    ).load(id);
  }

  /** By number. */
  contractsOfCustomer(context: IdentityContext, customerId: string): Promise<Contract[]> {
    return loader<string, Contract[]>(context, 'contracts.ofCustomer', async (ids) =>
      grouped(
        ids,
        await this.database.read(dataOf(context), (em) => this.contracts.ofCustomers(em, ids)),
        (row) => row.customerId,
      ),
    ).load(customerId);
  }

  /** The contract an asset is under now. */
  contractOfAsset(context: IdentityContext, assetId: string): Promise<Contract | undefined> {
    return loader<string, Contract | undefined>(context, 'contracts.ofAsset', async (ids) => {
      const now = this.clock.now().getTime();
      const found = await this.database.read(dataOf(context), (em) => this.contracts.ofAssets(em, ids, now));
      return ids.map((id) => found.get(id));
    }).load(assetId);
  }

  /** Every asset that is or was under the contract, each once. */
  assetIdsOf(context: IdentityContext, contractId: string): Promise<string[]> {
    return loader<string, string[]>(context, 'contracts.assetIds', async (ids) => {
      const stays = await this.database.read(dataOf(context), (em) => this.contracts.staysOf(em, ids));
      return grouped(ids, stays, (stay) => stay.contractId).map((own) => [...new Set(own.map((s) => s.assetId))]);
    }).load(contractId);
  }

  /** Rejects with NOT_FOUND. */
  plan(context: IdentityContext, id: string): Promise<Plan> {
    return loader<string, Plan>(context, 'contracts.plan', async (ids) =>
      inOrder(
        ids,
        await this.plans.many(dataOf(context), ids),
        (row) => row.id,
        (row, key) => row ?? notFound('plan', key),
      ),
    ).load(id);
  }

  /** Rejects with NOT_FOUND. */
  planVersion(context: IdentityContext, id: string): Promise<PlanVersion> {
    return loader<string, PlanVersion>(context, 'contracts.planVersion', async (ids) =>
      inOrder(
        ids,
        await this.plans.versions(dataOf(context), ids),
        (row) => row.id,
        (row, key) => row ?? notFound('plan version', key),
      ),
    ).load(id);
  }

  /** Newest first. */
  versionsOf(context: IdentityContext, planId: string): Promise<PlanVersion[]> {
    return loader<string, PlanVersion[]>(context, 'contracts.versions', async (ids) =>
      grouped(ids, await this.plans.versionsOf(dataOf(context), ids), (row) => row.planId),
    ).load(planId);
  }

  contractCount(context: IdentityContext, planVersionId: string): Promise<number> {
    return loader<string, number>(context, 'contracts.count', async (ids) => {
      const counts = await this.plans.contractCounts(dataOf(context), ids);
      return ids.map((id) => counts.get(id) ?? 0);
    }).load(planVersionId);
  }
}

function dataOf(context: IdentityContext): DataScope {
  if (!context.scope) throw new DomainError('UNAUTHENTICATED', 'Sign in first');
  return context.scope.data;
}
