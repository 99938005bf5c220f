import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

/** An event or a job request written in the same transaction as what it tells of; the relay hands it on and deletes it. */
export const OutboxRow = defineEntity({
  name: 'OutboxRow',
  tableName: 'outbox',
  properties: {
    id: p.bigint('string').primary().autoincrement(),
    kind: p.enum(['event', 'job'] as const),
    name: p.string().length(80),
    payload: p.json<Record<string, unknown>>(),
    createdAt: p.datetime().defaultRaw('now()'),
    notBefore: p.datetime().nullable(),
  },
});
export type OutboxRow = InferEntity<typeof OutboxRow>;

/** A message to a device, written in the same transaction as what it tells of; a gateway sends and deletes it. */
export const DownlinkRow = defineEntity({
  name: 'DownlinkRow',
  tableName: 'downlink',
  properties: {
    id: p.bigint('string').primary().autoincrement(),
    topic: p.string().length(256),
    payload: p.blob(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});
export type DownlinkRow = InferEntity<typeof DownlinkRow>;

/** Facts of this installation that are made once: the encrypted CA key, signing secrets. */
export const InstallationSecret = defineEntity({
  name: 'InstallationSecret',
  tableName: 'installation_secret',
  properties: {
    name: p.string().length(80).primary(),
    sealed: p.text(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});
export type InstallationSecret = InferEntity<typeof InstallationSecret>;
