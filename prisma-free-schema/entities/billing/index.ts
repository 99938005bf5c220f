import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { Contract } from '../contracts/index.js';
import { Asset } from '../fleet/index.js';
import { Organisation } from '../identity/index.js';
import { customerRows } from '../row-security.js';

/** Our customer ↔ Stripe's. */
export const BillingAccount = defineEntity({
  name: 'BillingAccount',
  tableName: 'billing_account',
  properties: {
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id').primary(),
    stripeCustomerId: p.string().length(255).unique(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
  ...customerRows('customer_id'),
});
export type BillingAccount = InferEntity<typeof BillingAccount>;

export const statementStates = [
  'rated',
  'drafted',
  'finalised',
  'paid',
  'payment_failed',
  'void',
  'totals_differ',
] as const;

/** What a contract owes for a period. Both time bounds of the rating run are kept, so a rerun gives the same lines. */
export const Statement = defineEntity({
  name: 'Statement',
  tableName: 'statement',
  properties: {
    id: p.uuid().primary(),
    /** The contract's number and the month. */
    number: p.string().length(80).unique(),
    contractId: () => p.manyToOne(Contract).mapToPk().fieldName('contract_id'),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id').index(),
    /** A calendar month, or what came to light after the last one of an ended contract. */
    kind: p.enum(['month', 'settlement'] as const).default('month'),
    periodFrom: p.datetime(3),
    periodTo: p.datetime(3),
    /** Rows stored before this instant took part. */
    storedBefore: p.datetime(3),
    currency: p.string().length(3),
    total: p.decimal().precision(20).scale(4),
    state: p.enum(statementStates),
    /** Completeness of the messages under it, 0 to 1; null where sequence numbers cannot prove it. */
    completeness: p.decimal().precision(9).scale(8).nullable(),
    /** Asset id → its messages of the period that were stored and those known to be missing, at the close. */
    messageCounts: p.json<Record<string, MessageCount>>().defaultRaw(`'{}'`),
    /** When which asset was under the contract, as it stood at the close; null where it was not kept. */
    stays: p.json<ContractStay[]>().nullable(),
    stripeInvoiceId: p.string().length(255).nullable().index(),
    stripeInvoiceNumber: p.string().length(255).nullable(),
    stripeTotal: p.decimal().precision(20).scale(4).nullable(),
    hostedInvoiceUrl: p.text().nullable(),
    createdAt: p.datetime(3),
    finalisedAt: p.datetime(3).nullable(),
    paidAt: p.datetime(3).nullable(),
  },
  uniques: [{ properties: ['contractId', 'periodFrom'] }],
  ...customerRows('customer_id'),
});
export type Statement = InferEntity<typeof Statement>;

/** Instants as ms since the epoch; `to` null while no end is agreed. */
export interface ContractStay {
  assetId: string;
  from: number;
  to: number | null;
}

export interface MessageCount {
  stored: number;
  missing: number;
}

export const StatementLine = defineEntity({
  name: 'StatementLine',
  tableName: 'statement_line',
  properties: {
    id: p.uuid().primary(),
    statementId: () => p.manyToOne(Statement).mapToPk().fieldName('statement_id').index(),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id'),
    position: p.integer(),
    /** Key of the charge or guarantee in the terms. */
    chargeKey: p.string().length(80),
    kind: p.enum(['recurring', 'usage', 'credit', 'correction'] as const),
    description: p.text(),
    assetId: () => p.manyToOne(Asset).mapToPk().fieldName('asset_id').nullable(),
    meter: p.string().length(80).nullable(),
    quantity: p.decimal().precision(38).scale(12).nullable(),
    unit: p.string().length(20).nullable(),
    quality: p.enum(['measured', 'estimated', 'edited'] as const).nullable(),
    unitPrice: p.decimal().precision(24).scale(12).nullable(),
    amount: p.decimal().precision(20).scale(4),
    /** The period the line is for; a correction names an earlier one than its statement. */
    periodFrom: p.datetime(3),
    periodTo: p.datetime(3),
    explanation: p.json<ExplanationStep[]>(),
    stripeLineId: p.string().length(255).nullable(),
  },
  uniques: [{ properties: ['statementId', 'position'] }],
  ...customerRows('customer_id'),
});
export type StatementLine = InferEntity<typeof StatementLine>;

/** One term of the arithmetic, for a person to read; `amount` where the step has one. */
export interface ExplanationStep {
  text: string;
  quantity?: string;
  unit?: string;
  unitPrice?: string;
  amount?: string;
}

const systemOnly = `(select coalesce(current_setting('app.all', true), '') = 'on')`;

/** Every webhook event of Stripe, stored before it is answered. Of no one customer: only system jobs see it. */
export const StripeEvent = defineEntity({
  name: 'StripeEvent',
  tableName: 'stripe_event',
  properties: {
    id: p.string().length(255).primary(),
    type: p.string().length(120),
    payload: p.json<Record<string, unknown>>(),
    receivedAt: p.datetime(3),
    processedAt: p.datetime(3).nullable(),
  },
  rowLevelSecurity: 'force',
  policies: [{ name: 'system_rows', using: systemOnly, check: systemOnly }],
});
export type StripeEvent = InferEntity<typeof StripeEvent>;
