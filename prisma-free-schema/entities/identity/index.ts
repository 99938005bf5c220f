import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { customerRows } from '../row-security.js';

export const Organisation = defineEntity({
  name: 'Organisation',
  tableName: 'organisation',
  properties: {
    id: p.uuid().primary(),
    kind: p.enum(['manufacturer', 'customer', 'partner'] as const),
    name: p.string().length(200).unique(),
    /** ISO 639-1, for invoices and mails. */
    language: p.string().length(5).default('en'),
    billingEmail: p.string().length(320).nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
  ...customerRows('id'),
});
export type Organisation = InferEntity<typeof Organisation>;

export const Site = defineEntity({
  name: 'Site',
  tableName: 'site',
  properties: {
    id: p.uuid().primary(),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id').index(),
    name: p.string().length(200),
    address: p.text().default(''),
    /** IANA name. */
    timeZone: p.string().length(64),
    shiftCalendar: p.json<ShiftCalendar>().nullable(),
  },
  ...customerRows('customer_id'),
});
export type Site = InferEntity<typeof Site>;

/** Weekly working time in the site's zone: day 1 (Monday) to 7, "HH:MM" to "HH:MM". */
export interface ShiftCalendar {
  shifts: { day: number; from: string; to: string }[];
}

export const User = defineEntity({
  name: 'User',
  tableName: 'app_user',
  properties: {
    id: p.uuid().primary(),
    organisationId: () => p.manyToOne(Organisation).mapToPk().fieldName('organisation_id').index(),
    email: p.string().length(320).unique(),
    name: p.string().length(200),
    role: p.enum([
      'admin',
      'fleet',
      'service',
      'finance',
      'analyst',
      'auditor',
      'owner',
      'operator',
      'billing_contact',
      'viewer',
      'partner',
    ] as const),
    passwordHash: p.text(),
    language: p.string().length(5).default('en'),
    createdAt: p.datetime().defaultRaw('now()'),
    disabledAt: p.datetime().nullable(),
  },
  ...customerRows('organisation_id'),
});
export type User = InferEntity<typeof User>;

/** A partner sees the customers it is linked to. */
export const PartnerLink = defineEntity({
  name: 'PartnerLink',
  tableName: 'partner_link',
  properties: {
    partnerId: () => p.manyToOne(Organisation).mapToPk().fieldName('partner_id').primary(),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id').primary(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
  ...customerRows('customer_id'),
});
export type PartnerLink = InferEntity<typeof PartnerLink>;

/** A chain of refresh tokens: each use replaces the hash; use of an old one revokes the chain. */
export const Session = defineEntity({
  name: 'Session',
  tableName: 'session',
  properties: {
    id: p.uuid().primary(),
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').index(),
    organisationId: () => p.manyToOne(Organisation).mapToPk().fieldName('organisation_id'),
    refreshHash: p.string().length(64).unique(),
    previousHash: p.string().length(64).nullable().index(),
    createdAt: p.datetime().defaultRaw('now()'),
    expiresAt: p.datetime(),
    revokedAt: p.datetime().nullable(),
  },
  ...customerRows('organisation_id'),
});
export type Session = InferEntity<typeof Session>;

export const ApiKey = defineEntity({
  name: 'ApiKey',
  tableName: 'api_key',
  properties: {
    id: p.uuid().primary(),
    organisationId: () => p.manyToOne(Organisation).mapToPk().fieldName('organisation_id').index(),
    createdBy: () => p.manyToOne(User).mapToPk().fieldName('created_by'),
    name: p.string().length(100),
    /** Public part, shown in lists. */
    prefix: p.string().length(24).unique(),
    /** SHA-256 of the whole key, hex. */
    secretHash: p.string().length(64),
    scopes: p.array(),
    createdAt: p.datetime().defaultRaw('now()'),
    expiresAt: p.datetime().nullable(),
    lastUsedAt: p.datetime().nullable(),
    revokedAt: p.datetime().nullable(),
  },
  ...customerRows('organisation_id'),
});
export type ApiKey = InferEntity<typeof ApiKey>;

/** Failed sign-ins by e-mail and by address, for the rate limit. */
export const SignInAttempt = defineEntity({
  name: 'SignInAttempt',
  tableName: 'sign_in_attempt',
  properties: {
    key: p.string().length(340).primary(),
    windowStart: p.datetime(),
    failures: p.integer(),
  },
});
export type SignInAttempt = InferEntity<typeof SignInAttempt>;

/** Who did what, append-only. `organisationId` is the customer concerned, null when only the manufacturer is. */
export const AuditEntry = defineEntity({
  name: 'AuditEntry',
  tableName: 'audit_entry',
  properties: {
    id: p.uuid().primary(),
    at: p.datetime().index(),
    actorKind: p.enum(['user', 'api_key', 'system', 'anonymous'] as const),
    actorId: p.string().length(64).nullable(),
    actorName: p.string().length(320).nullable(),
    organisationId: () => p.manyToOne(Organisation).mapToPk().fieldName('organisation_id').nullable().index(),
    action: p.string().length(100),
    outcome: p.enum(['done', 'refused', 'failed'] as const),
    detail: p.json<Record<string, unknown>>(),
    requestId: p.string().length(64).nullable(),
  },
  ...customerRows('organisation_id'),
});
export type AuditEntry = InferEntity<typeof AuditEntry>;
