import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { Device, Model } from '../fleet/index.js';

export const releaseStates = ['draft', 'published', 'withdrawn'] as const;
export const rolloutStates = ['running', 'completed', 'cancelled'] as const;
export const rolloutDeviceStates = [
  'left_out',
  'queued',
  'downloading',
  'installing',
  'confirming',
  'succeeded',
  'failed',
  'rolled_back',
  'cancelled',
] as const;

/** A file for one hardware of a model. Its bytes lie in the data folder under their SHA-256. */
export const Artefact = defineEntity({
  name: 'Artefact',
  tableName: 'artefact',
  properties: {
    id: p.uuid().primary(),
    modelId: () => p.manyToOne(Model).mapToPk().fieldName('model_id'),
    hardwareId: p.string().length(64),
    version: p.string().length(64),
    /** Counts releases of a model's software; a higher one is newer. */
    counter: p.integer(),
    /** Bytes. */
    length: p.integer(),
    /** Lower-case hex. */
    sha256: p.string().length(64),
    fileName: p.string().length(200),
    uploadedBy: p.string().length(320),
    uploadedAt: p.datetime(3),
  },
  uniques: [{ properties: ['modelId', 'hardwareId', 'version'] }],
});
export type Artefact = InferEntity<typeof Artefact>;

/** What devices of a model are to run. */
export const Release = defineEntity({
  name: 'Release',
  tableName: 'release',
  properties: {
    id: p.uuid().primary(),
    modelId: () => p.manyToOne(Model).mapToPk().fieldName('model_id'),
    version: p.string().length(64),
    counter: p.integer(),
    notes: p.text(),
    state: p.enum(releaseStates),
    createdBy: p.string().length(320),
    createdAt: p.datetime(3),
    publishedAt: p.datetime(3).nullable(),
    withdrawnAt: p.datetime(3).nullable(),
  },
  uniques: [{ properties: ['modelId', 'version'] }],
});
export type Release = InferEntity<typeof Release>;

/** The artefact of a release for one hardware. */
export const ReleaseArtefact = defineEntity({
  name: 'ReleaseArtefact',
  tableName: 'release_artefact',
  properties: {
    releaseId: () => p.manyToOne(Release).mapToPk().fieldName('release_id').primary(),
    hardwareId: p.string().length(64).primary(),
    artefactId: () => p.manyToOne(Artefact).mapToPk().fieldName('artefact_id'),
  },
});
export type ReleaseArtefact = InferEntity<typeof ReleaseArtefact>;

/** A release on its way to a frozen list of devices. */
export const Rollout = defineEntity({
  name: 'Rollout',
  tableName: 'rollout',
  properties: {
    id: p.uuid().primary(),
    releaseId: () => p.manyToOne(Release).mapToPk().fieldName('release_id').index(),
    state: p.enum(rolloutStates),
    startedBy: p.string().length(320),
    startedAt: p.datetime(3),
    endedAt: p.datetime(3).nullable(),
  },
});
export type Rollout = InferEntity<typeof Rollout>;

/** How far a device is in a rollout, or why it was left out. A device is under way in one rollout at most. */
export const RolloutDevice = defineEntity({
  name: 'RolloutDevice',
  tableName: 'rollout_device',
  properties: {
    rolloutId: () => p.manyToOne(Rollout).mapToPk().fieldName('rollout_id').primary(),
    deviceId: () => p.manyToOne(Device).mapToPk().fieldName('device_id').primary(),
    artefactId: () => p.manyToOne(Artefact).mapToPk().fieldName('artefact_id').nullable(),
    /** The IoT job that carries it. */
    jobId: p.string().length(64).nullable().index(),
    state: p.enum(rolloutDeviceStates),
    /** Of the download. */
    percent: p.smallint().nullable(),
    /** Why it was left out, failed or rolled back. */
    why: p.text().nullable(),
    /** Number and version of the job execution that was seen last: older news changes nothing. */
    executionNumber: p.integer().default(0),
    executionVersion: p.integer().default(0),
    /** What the device said it runs, on which hardware, and when it said so. */
    reportedVersion: p.string().length(64).nullable(),
    reportedCounter: p.integer().nullable(),
    reportedHardware: p.string().length(64).nullable(),
    reportedAt: p.datetime(3).nullable(),
    changedAt: p.datetime(3),
  },
  indexes: [
    {
      properties: ['deviceId'],
      name: 'rollout_device_reported',
      where: 'reported_version is not null',
    },
  ],
  uniques: [
    {
      properties: ['deviceId'],
      name: 'rollout_device_under_way',
      where: "state in ('queued', 'downloading', 'installing', 'confirming')",
    },
  ],
});
export type RolloutDevice = InferEntity<typeof RolloutDevice>;
