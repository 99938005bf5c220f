import { Injectable } from '@nestjs/common';
import { Directory, systemScope } from '@throughline/identity';
import { Clock, DomainError, type Fault, invalid, newId, notFound } from '@throughline/kernel';
import { Database, type DataScope, violatedConstraint } from '@throughline/platform';
import { checkId, checkText } from '../domain/checks.js';
import type { Asset } from '../domain/registry.js';
import { AssetStore } from '../storage/asset.store.js';
import { ModelStore } from '../storage/model.store.js';

export interface CreateAssetInput {
  readonly siteId: string;
  readonly modelId: string;
  readonly serialNumber: string;
  readonly name: string;
  readonly location?: string | null;
  /** Now when not given. */
  readonly inServiceSince?: Date | null;
}

@Injectable()
export class CreateAsset {
  constructor(
    private readonly database: Database,
    private readonly assets: AssetStore,
    private readonly models: ModelStore,
    private readonly sites: Directory,
    private readonly clock: Clock,
  ) {}

  /**
   * Registers a machine at a site; it belongs to the site's customer.
   * Errors: INVALID_INPUT; NOT_FOUND for site or model; CONFLICT when the model's serial number is taken.
   */
  async run(scope: DataScope, input: CreateAssetInput): Promise<Asset> {
    const faults: Fault[] = [];
    checkId(faults, 'siteId', input.siteId);
    checkId(faults, 'modelId', input.modelId);
    checkText(faults, 'serialNumber', input.serialNumber, 100);
    checkText(faults, 'name', input.name, 100);
    checkText(faults, 'location', input.location ?? '', 200, 0);
    if (faults.length > 0) throw invalid(...faults);
    const now = this.clock.now();
    return this.database.transaction(scope, async (em) => {
      const [site] = await this.sites.sitesByIds({ ...systemScope, data: scope }, [input.siteId]);
      if (!site) throw notFound('site', input.siteId);
      const [model] = await this.models.byIds(em, [input.modelId]);
      if (!model) throw notFound('model', input.modelId);
      const asset: Asset = {
        id: newId(now.getTime()),
        customerId: site.customerId,
        siteId: input.siteId,
        modelId: input.modelId,
        serialNumber: input.serialNumber.trim(),
        name: input.name.trim(),
        location: (input.location ?? '').trim(),
        inServiceSince: input.inServiceSince ?? now,
        retiredAt: null,
      };
      try {
        await this.assets.insert(em, asset);
      } catch (error) {
        if (violatedConstraint(error) !== 'asset_model_id_serial_number_unique') throw error;
        const text = `${model.title} with serial number "${asset.serialNumber}" is registered already`;
        throw new DomainError('CONFLICT', text, [], { cause: error });
      }
      return asset;
    });
  }
}
