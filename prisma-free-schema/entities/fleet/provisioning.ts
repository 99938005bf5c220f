import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { Device, Model } from './registry.js';

/** How a board becomes a device: which model it is, what it must say, and how its thing is named. */
export const ProvisioningTemplate = defineEntity({
  name: 'ProvisioningTemplate',
  tableName: 'provisioning_template',
  properties: {
    id: p.uuid().primary(),
    /** Part of the topic `$aws/provisioning-templates/{name}/provision/…`. */
    name: p.string().length(36).unique(),
    modelId: () => p.manyToOne(Model).mapToPk().fieldName('model_id'),
    /** Name → default; null where the board must say it. */
    parameters: p.json<Record<string, string | null>>(),
    thingNamePattern: p.string().length(256),
    deviceConfiguration: p.json<Record<string, string>>(),
    hookUrl: p.string().length(500).nullable(),
    createdAt: p.datetime(3),
  },
});
export type ProvisioningTemplate = InferEntity<typeof ProvisioningTemplate>;

/** Boards with one claim certificate in their firmware. */
export const ClaimBatch = defineEntity({
  name: 'ClaimBatch',
  tableName: 'claim_batch',
  properties: {
    id: p.uuid().primary(),
    name: p.string().length(80).unique(),
    templateId: () => p.manyToOne(ProvisioningTemplate).mapToPk().fieldName('template_id').index(),
    /** Things it may provision, and those it has. */
    maxCount: p.integer(),
    provisionedCount: p.integer().default(0),
    expiresAt: p.datetime(3),
    deactivatedAt: p.datetime(3).nullable(),
    /** Whether only the serial numbers of `claim_serial` may be provisioned. */
    serialsListed: p.boolean().default(false),
    /** SHA-256 of the claim certificate's DER, lower-case hex. */
    fingerprint: p.string().length(64).unique(),
    createdAt: p.datetime(3),
  },
});
export type ClaimBatch = InferEntity<typeof ClaimBatch>;

/** A serial number that a batch may provision, and the device it became. */
export const ClaimSerial = defineEntity({
  name: 'ClaimSerial',
  tableName: 'claim_serial',
  properties: {
    batchId: () => p.manyToOne(ClaimBatch).mapToPk().fieldName('batch_id').primary(),
    serialNumber: p.string().length(128).primary(),
    deviceId: () => p.manyToOne(Device).mapToPk().fieldName('device_id').nullable(),
  },
});
export type ClaimSerial = InferEntity<typeof ClaimSerial>;

/**
 * A certificate made for a key of a board, one a key: for a claim it is nobody's until its ownership token is redeemed
 * (`deviceId`); for a rotation it is the device's from the start. The private key is not here.
 */
export const IssuedCertificate = defineEntity({
  name: 'IssuedCertificate',
  tableName: 'issued_certificate',
  properties: {
    id: p.uuid().primary(),
    /** SHA-256 of the public key (SPKI), lower-case hex. */
    keyHash: p.string().length(64).unique(),
    fingerprint: p.string().length(64).unique(),
    serialNumber: p.string().length(64),
    certificatePem: p.text(),
    notBefore: p.datetime(3),
    notAfter: p.datetime(3),
    batchId: () => p.manyToOne(ClaimBatch).mapToPk().fieldName('batch_id').nullable().index(),
    clientId: p.string().length(128),
    /** Until then the ownership token is good. */
    tokenExpiresAt: p.datetime(3),
    deviceId: () => p.manyToOne(Device).mapToPk().fieldName('device_id').nullable().index(),
    /** What the token was redeemed with (SHA-256), so that the same request again gets the same answer. */
    requestHash: p.string().length(64).nullable(),
    redeemedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
  },
});
export type IssuedCertificate = InferEntity<typeof IssuedCertificate>;

/** A certificate authority of the manufacturer, whose devices register themselves at their first connection. */
export const RegisteredCa = defineEntity({
  name: 'RegisteredCa',
  tableName: 'registered_ca',
  properties: {
    id: p.uuid().primary(),
    /** SHA-256 of the DER, lower-case hex (AWS IoT's CA certificate id). */
    fingerprint: p.string().length(64).unique(),
    subject: p.string().length(500),
    certificatePem: p.text(),
    notAfter: p.datetime(3),
    templateId: () => p.manyToOne(ProvisioningTemplate).mapToPk().fieldName('template_id').index(),
    /** Since then it registers nothing new; its devices go on. */
    deactivatedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
  },
});
export type RegisteredCa = InferEntity<typeof RegisteredCa>;

/** What was asked of provisioning and how it went: things made, and refusals with their reason. */
export const ProvisioningAttempt = defineEntity({
  name: 'ProvisioningAttempt',
  tableName: 'provisioning_attempt',
  properties: {
    id: p.uuid().primary(),
    at: p.datetime(3).index(),
    operation: p.enum(['create_from_csr', 'create_keys', 'provision', 'register_by_ca', 'rotate'] as const),
    accepted: p.boolean(),
    /** The error code the board was given; null when accepted. */
    reason: p.string().length(60).nullable(),
    message: p.string().length(500).nullable(),
    batchId: p.uuid().nullable().index(),
    caId: p.uuid().nullable(),
    clientId: p.string().length(128),
    remoteAddress: p.string().length(64).nullable(),
    /** As the board sent them, shortened. */
    parameters: p.json<Record<string, string>>().nullable(),
    fingerprint: p.string().length(64).nullable(),
    thingName: p.string().length(128).nullable(),
  },
});
export type ProvisioningAttempt = InferEntity<typeof ProvisioningAttempt>;
