import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { Organisation, Site } from '../identity/index.js';
import { customerRows } from '../row-security.js';

export const Model = defineEntity({
  name: 'Model',
  tableName: 'model',
  properties: {
    id: p.uuid().primary(),
    /** Short name used by the command line and in URLs: "compressor-rx90". */
    name: p.string().length(80).unique(),
    title: p.string().length(200),
    /** A device that said nothing for this long is not known to be up. Milliseconds. */
    staleAfterMs: p.integer(),
    /** Value of the `state` metric → category, newest version. */
    stateMap: p.json<StateMap>(),
    /** Devices that sleep: one that disconnected is shown as sleeping for this long, then as offline. Milliseconds. */
    sleepAfterMs: p.integer().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});
export type Model = InferEntity<typeof Model>;

/** Keys are the `state` metric's values as text. */
export interface StateMap {
  metric: string;
  states: Record<string, { name: string; category: string; fraction?: string }>;
}

export const Asset = defineEntity({
  name: 'Asset',
  tableName: 'asset',
  properties: {
    id: p.uuid().primary(),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id').index(),
    siteId: () => p.manyToOne(Site).mapToPk().fieldName('site_id'),
    modelId: () => p.manyToOne(Model).mapToPk().fieldName('model_id'),
    serialNumber: p.string().length(100),
    name: p.string().length(100),
    /** Where at the site: "hall 2". */
    location: p.string().length(200).default(''),
    inServiceSince: p.datetime(),
    retiredAt: p.datetime().nullable(),
  },
  uniques: [{ properties: ['modelId', 'serialNumber'] }],
  ...customerRows('customer_id'),
});
export type Asset = InferEntity<typeof Asset>;

export const deviceStates = ['manufactured', 'claimed', 'active', 'suspended', 'retired', 'quarantined'] as const;

/** The controller that speaks for an asset. `customerId` follows the running installation. */
export const Device = defineEntity({
  name: 'Device',
  tableName: 'device',
  properties: {
    id: p.uuid().primary(),
    thingName: p.string().length(128).unique(),
    modelId: () => p.manyToOne(Model).mapToPk().fieldName('model_id'),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id').nullable().index(),
    state: p.enum(deviceStates),
    createdAt: p.datetime().defaultRaw('now()'),
    lastSeenAt: p.datetime().nullable(),
    tags: p.json<Record<string, string>>().defaultRaw("'{}'"),
    /** What it last said that it runs. */
    firmwareVersion: p.string().length(100).nullable(),
    /** What AWS IoT has of it, in AWS mode: "open", "closed" (its certificates are inactive) or "gone"; null: nothing. */
    awsState: p.string().length(10).nullable(),
    /** Why AWS IoT does not have it as it is here. */
    awsError: p.string().length(500).nullable(),
    /** Not tried again before. */
    awsRetryAt: p.datetime(3).nullable(),
  },
  indexes: [
    {
      properties: ['id'],
      name: 'device_aws_behind',
      where:
        "aws_state is distinct from (case state when 'retired' then 'gone' when 'suspended' then 'closed' else 'open' end)",
    },
  ],
  ...customerRows('customer_id'),
});
export type Device = InferEntity<typeof Device>;

/** Device ↔ asset, [from, to). Neither a device nor an asset is in two at once (exclusion constraints in the migration). */
export const Installation = defineEntity({
  name: 'Installation',
  tableName: 'installation',
  properties: {
    id: p.uuid().primary(),
    deviceId: () => p.manyToOne(Device).mapToPk().fieldName('device_id').index(),
    assetId: () => p.manyToOne(Asset).mapToPk().fieldName('asset_id').index(),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id'),
    fromAt: p.datetime(3),
    toAt: p.datetime(3).nullable(),
    /** The device is lent: it goes back when the asset's own is repaired. */
    loan: p.boolean().default(false),
  },
  ...customerRows('customer_id'),
});
export type Installation = InferEntity<typeof Installation>;

export const Certificate = defineEntity({
  name: 'Certificate',
  tableName: 'certificate',
  properties: {
    id: p.uuid().primary(),
    deviceId: () => p.manyToOne(Device).mapToPk().fieldName('device_id').index(),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id').nullable(),
    /** SHA-256 of the DER, lower-case hex (AWS IoT's certificate id). */
    fingerprint: p.string().length(64).unique(),
    serialNumber: p.string().length(64),
    notBefore: p.datetime(),
    notAfter: p.datetime(),
    state: p.enum(['active', 'revoked'] as const),
    revokedAt: p.datetime().nullable(),
    /** The certificate that ends when this one has connected. */
    replacesId: p.uuid().nullable().index(),
    /** When the device was last asked to rotate it. */
    rotationAskedAt: p.datetime(3).nullable(),
    /** The certificate itself, kept in AWS mode, where it has to be registered. */
    pem: p.text().nullable(),
    /** What AWS IoT has, in AWS mode: "active" or "revoked"; null: nothing. */
    awsState: p.string().length(10).nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
  indexes: [{ properties: ['deviceId'], name: 'certificate_aws_behind', where: 'aws_state is distinct from state' }],
  ...customerRows('customer_id'),
});
export type Certificate = InferEntity<typeof Certificate>;

/** One connection of a device, [connectedAt, disconnectedAt). */
export const PresenceInterval = defineEntity({
  name: 'PresenceInterval',
  tableName: 'presence_interval',
  properties: {
    id: p.uuid().primary(),
    /** The connection; it has a second row when the device was given to another customer while it lasted. */
    sessionId: p.uuid().defaultRaw('gen_random_uuid()').index(),
    deviceId: () => p.manyToOne(Device).mapToPk().fieldName('device_id'),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id').nullable(),
    clientId: p.string().length(128),
    gateway: p.string().length(64),
    remoteAddress: p.string().length(64).nullable(),
    connectedAt: p.datetime(3),
    disconnectedAt: p.datetime(3).nullable(),
    /** Why it ended: "client_disconnect", "connection_lost", "gateway_lost" and others; the list is the fleet lib's. */
    reason: p.string().length(40).nullable(),
  },
  indexes: [
    { properties: ['deviceId', 'connectedAt'] },
    { properties: ['deviceId'], name: 'presence_interval_open', where: 'disconnected_at is null' },
  ],
  ...customerRows('customer_id'),
});
export type PresenceInterval = InferEntity<typeof PresenceInterval>;

/** A gateway process and when it was last alive: where its connections end when it is killed. */
export const Gateway = defineEntity({
  name: 'Gateway',
  tableName: 'gateway',
  properties: {
    name: p.string().length(64).primary(),
    startedAt: p.datetime(3),
    aliveAt: p.datetime(3),
  },
});
export type Gateway = InferEntity<typeof Gateway>;
