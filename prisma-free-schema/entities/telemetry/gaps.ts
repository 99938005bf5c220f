import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { Asset, Device } from '../fleet/index.js';
import { Organisation } from '../identity/index.js';
import { customerRows } from '../row-security.js';

/**
 * Sequence numbers `fromSeq` to `toSeq` of a boot that are not stored. Ranges of one boot never overlap. Asset and customer are
 * those of the stored message after it, in whose period the range counts (null: none yet).
 */
export const MissingRange = defineEntity({
  name: 'MissingRange',
  tableName: 'missing_range',
  properties: {
    deviceId: () => p.manyToOne(Device).mapToPk().fieldName('device_id').primary(),
    boot: p.integer().primary(),
    fromSeq: p.bigint('number').primary(),
    toSeq: p.bigint('number'),
    assetId: () => p.manyToOne(Asset).mapToPk().fieldName('asset_id').nullable(),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id').nullable(),
    /** Event time of the stored message before the range, and of the one after it. */
    afterAt: p.datetime(3).nullable(),
    beforeAt: p.datetime(3).nullable(),
    /** `missing`: asked for; `lost`: given up. What comes after all is stored and leaves the range. */
    state: p.enum(['missing', 'lost'] as const),
    /** Of a lost one: `unanswered` (asked for in vain) or `told` (the device does not have it any more). */
    reason: p.enum(['unanswered', 'told'] as const).nullable(),
    foundAt: p.datetime(3),
    asked: p.integer().default(0),
    firstAskedAt: p.datetime(3).nullable(),
    /** When the device is asked next, if it is connected. */
    askAt: p.datetime(3).nullable(),
    lostAt: p.datetime(3).nullable(),
  },
  indexes: [
    { properties: ['askAt'], name: 'missing_range_due', where: "state = 'missing'" },
    { properties: ['assetId', 'beforeAt'], name: 'missing_range_asset' },
  ],
  ...customerRows('customer_id'),
});
export type MissingRange = InferEntity<typeof MissingRange>;
