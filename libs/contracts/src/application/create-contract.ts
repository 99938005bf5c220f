import { Injectable } from '@nestjs/common';
import { type Asset, Assets } from '@throughline/fleet';
import { Clock, DomainError, type Fault, invalid, newId, notFound } from '@throughline/kernel';
import { Meters } from '@throughline/metering';
import { Database, type DataScope, type EntityManager, Outbox, violatedConstraint } from '@throughline/platform';
import { meterFaults } from '../domain/check-meters.js';
import { type CheckedContract, type Contract, type CreateContractInput, checkedContract } from '../domain/contract.js';
import type { PlanVersion } from '../domain/plan.js';
import type { Terms } from '../domain/terms.js';
import { ContractStore } from '../storage/contract.store.js';
import { PlanStore } from '../storage/plan.store.js';
import { contractSigned } from './events.js';

@Injectable()
export class CreateContract {
  constructor(
    private readonly database: Database,
    private readonly contracts: ContractStore,
    private readonly plans: PlanStore,
    private readonly assets: Assets,
    private readonly meters: Meters,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /**
   * Signs a contract over a customer's assets from–to, with a frozen copy of a published plan version's terms.
   * Errors: INVALID_INPUT with every fault (assets of others, meters the models do not have, …); NOT_FOUND for the plan
   * version; STATE_CONFLICT when it is not published; CONFLICT when the number is taken or an asset is under another
   * contract at the time, which is named.
   */
  async run(scope: DataScope, input: CreateContractInput): Promise<Contract> {
    const checked = checkedContract(input);
    try {
      return await this.database.transaction(scope, (em) => this.sign(em, scope, input, checked));
    } catch (error) {
      const constraint = violatedConstraint(error);
      // Two contracts at the same moment: each checked before the other was there. The database lets one through.
      if (constraint === 'contract_asset_one_contract_a_time') throw await this.raceLost(scope, input, checked, error);
      if (constraint !== 'contract_number_unique') throw error;
      throw new DomainError('CONFLICT', `a contract with the number "${checked.number}" exists already`, [], {
        cause: error,
      });
    }
  }

  private async sign(
    em: EntityManager,
    scope: DataScope,
    input: CreateContractInput,
    checked: CheckedContract,
  ): Promise<Contract> {
    const version = await this.publishedVersion(em, input.planVersionId);
    const assets = await this.assets.many(scope, input.assetIds);
    const faults = [
      ...assetFaults(input, assets, checked),
      ...meterFaults(version.terms, assets, await this.meters.ofModels([...new Set(assets.map((a) => a.modelId))])),
    ];
    if (faults.length > 0) throw invalid(...faults);
    await this.refuseOverlaps(em, assets, checked);
    const now = this.clock.now();
    const contract = contractOf(newId(now.getTime()), input, checked, version.terms);
    const stays = input.assetIds.map((assetId) => ({
      id: newId(now.getTime()),
      contractId: contract.id,
      assetId,
      from: contract.from,
      to: contract.to,
    }));
    await this.contracts.insert(em, contract, stays, now);
    await this.outbox.publish(em, contractSigned, {
      contractId: contract.id,
      number: contract.number,
      customerId: contract.customerId,
      assetIds: [...input.assetIds],
      from: contract.from,
      to: contract.to,
    });
    return contract;
  }

  private async publishedVersion(em: EntityManager, id: string): Promise<PlanVersion> {
    // Held, so that the version is not retired while the contract is signed.
    const version = await this.plans.lockVersion(em, id);
    if (!version) throw notFound('plan version', id);
    if (version.state !== 'published')
      throw new DomainError(
        'STATE_CONFLICT',
        `version ${version.version} is ${version.state}: a contract needs a published one`,
      );
    return version;
  }

  private async refuseOverlaps(em: EntityManager, assets: readonly Asset[], during: CheckedContract): Promise<void> {
    const overlaps = await this.contracts.overlaps(
      em,
      assets.map((a) => a.id),
      during,
    );
    if (overlaps.length === 0) return;
    const texts = overlaps.map((overlap) => {
      const name = assets.find((a) => a.id === overlap.assetId)?.name ?? overlap.assetId;
      const to = overlap.to === null ? 'with no end' : `to ${new Date(overlap.to).toISOString()}`;
      return `${name} is under contract ${overlap.contractNumber} from ${new Date(overlap.from).toISOString()} ${to}`;
    });
    throw new DomainError('CONFLICT', texts.join('; '));
  }

  private async raceLost(
    scope: DataScope,
    input: CreateContractInput,
    during: CheckedContract,
    cause: unknown,
  ): Promise<DomainError> {
    const assets = await this.assets.many(scope, input.assetIds);
    await this.database.read(scope, (em) => this.refuseOverlaps(em, assets, during));
    // The other one was gone again before it could be named.
    return new DomainError('CONFLICT', 'an asset was put under another contract at the same moment', [], { cause });
  }
}

const contractOf = (id: string, input: CreateContractInput, checked: CheckedContract, terms: Terms): Contract => ({
  id,
  number: checked.number,
  customerId: input.customerId,
  planVersionId: input.planVersionId,
  terms,
  currency: terms.currency,
  timeZone: checked.timeZone,
  from: checked.from,
  to: Number.isFinite(checked.to) ? checked.to : null,
});

/** An asset that one may not see and one of another customer get the same answer. */
const assetFaults = (input: CreateContractInput, assets: readonly Asset[], during: CheckedContract): Fault[] =>
  input.assetIds.flatMap((id, i): Fault[] => {
    const asset = assets.find((a) => a.id === id);
    const field = `assetIds[${i}]`;
    if (asset?.customerId !== input.customerId) return [{ field, value: id, rule: 'must be an asset of the customer' }];
    if (asset.retiredAt && asset.retiredAt.getTime() < during.to)
      return [
        {
          field,
          value: id,
          rule: `must be in service, but ${asset.name} was retired at ${asset.retiredAt.toISOString()}`,
        },
      ];
    return [];
  });
