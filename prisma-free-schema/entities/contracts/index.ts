import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { Asset } from '../fleet/index.js';
import { Organisation, User } from '../identity/index.js';
import { customerRows } from '../row-security.js';

export const Plan = defineEntity({
  name: 'Plan',
  tableName: 'plan',
  properties: {
    id: p.uuid().primary(),
    name: p.string().length(200).unique(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});
export type Plan = InferEntity<typeof Plan>;

/** Terms are checked by the contracts lib; once published they never change (a trigger refuses it). */
export const PlanVersion = defineEntity({
  name: 'PlanVersion',
  tableName: 'plan_version',
  properties: {
    id: p.uuid().primary(),
    planId: () => p.manyToOne(Plan).mapToPk().fieldName('plan_id'),
    version: p.integer(),
    state: p.enum(['draft', 'published', 'retired'] as const),
    terms: p.json<Record<string, unknown>>(),
    createdBy: () => p.manyToOne(User).mapToPk().fieldName('created_by').nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    publishedAt: p.datetime().nullable(),
  },
  uniques: [{ properties: ['planId', 'version'] }],
});
export type PlanVersion = InferEntity<typeof PlanVersion>;

/** A signed contract; `terms` is its own frozen copy (a trigger refuses a change). Whether it runs follows from its bounds. */
export const Contract = defineEntity({
  name: 'Contract',
  tableName: 'contract',
  properties: {
    id: p.uuid().primary(),
    number: p.string().length(60).unique(),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id').index(),
    planVersionId: () => p.manyToOne(PlanVersion).mapToPk().fieldName('plan_version_id').index(),
    terms: p.json<Record<string, unknown>>(),
    currency: p.string().length(3),
    timeZone: p.string().length(64),
    fromAt: p.datetime(3),
    toAt: p.datetime(3).nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
  ...customerRows('customer_id'),
});
export type Contract = InferEntity<typeof Contract>;

/** An asset under contract, [from, to). No asset is under two at once (exclusion constraint in the migration). */
export const ContractAsset = defineEntity({
  name: 'ContractAsset',
  tableName: 'contract_asset',
  properties: {
    id: p.uuid().primary(),
    contractId: () => p.manyToOne(Contract).mapToPk().fieldName('contract_id').index(),
    assetId: () => p.manyToOne(Asset).mapToPk().fieldName('asset_id').index(),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id'),
    fromAt: p.datetime(3),
    toAt: p.datetime(3).nullable(),
  },
  ...customerRows('customer_id'),
});
export type ContractAsset = InferEntity<typeof ContractAsset>;
