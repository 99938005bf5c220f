import type { Parameters } from './template.js';

export const operations = ['create_from_csr', 'create_keys', 'provision', 'register_by_ca', 'rotate'] as const;
export type Operation = (typeof operations)[number];

/** What a board asked and how it went. */
export interface ProvisioningAttempt {
  readonly id: string;
  readonly at: Date;
  readonly operation: Operation;
  readonly accepted: boolean;
  readonly reason: string | null;
  readonly message: string | null;
  readonly batchId: string | null;
  readonly caId: string | null;
  readonly clientId: string;
  readonly remoteAddress: string | null;
  readonly parameters: Parameters | null;
  readonly fingerprint: string | null;
  readonly thingName: string | null;
}

const MAX_SHOWN = 20;

/** Parameters as they may be kept: few and short. */
export const keptParameters = (given: Parameters): Record<string, string> =>
  Object.fromEntries(
    Object.entries(given)
      .slice(0, MAX_SHOWN)
      .map(([name, value]) => [kept(name, 64), kept(String(value), 128)]),
  );

/** A text that PostgreSQL can store, cut. */
export const kept = (text: string, max: number): string => text.toWellFormed().replaceAll('\0', '\uFFFD').slice(0, max);
