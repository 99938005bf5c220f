import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

/** Connections that the listener refused before MQTT began: those of one hour, one reason and one party are one row. */
export const TlsRefusal = defineEntity({
  name: 'TlsRefusal',
  tableName: 'tls_refusal',
  properties: {
    /** Start of the hour, UTC. */
    hour: p.datetime(3).primary(),
    reason: p.string().length(40).primary(),
    /** Fingerprint of the certificate, else the remote address; empty for the parties above the limit of an hour. */
    party: p.string().length(64).primary(),
    connections: p.integer(),
    firstAt: p.datetime(3),
    lastAt: p.datetime(3),
    /** As of the last connection. */
    remoteAddress: p.string().length(64).nullable(),
    /** SHA-256 of the certificate, hex; null where none was read. */
    fingerprint: p.string().length(64).nullable(),
    /** Common name of the certificate. */
    subject: p.string().length(128).nullable(),
    /** What OpenSSL or the rule said. */
    detail: p.string().length(300),
  },
  indexes: [{ properties: ['lastAt'] }],
});
export type TlsRefusal = InferEntity<typeof TlsRefusal>;
