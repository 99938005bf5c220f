import { createHash } from 'node:crypto';
import { invalid, StripeFault } from '../core/errors.js';
import type { IdempotencyRow } from '../core/rows.js';
import type { World } from '../core/world.js';

const KEPT = 24 * 3600;
const MAX_LENGTH = 255;

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sorted(v)]),
  );
};

const digest = (params: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(params)))
    .digest('base64');

/** The answers that were given under idempotency keys, for 24 hours, and the keys of calls in progress. */
export class Idempotency {
  private readonly inUse = new Set<string>();

  constructor(private readonly world: World) {}

  /** The saved answer to replay, or null if the call is new. Throws where the key is in use or was used otherwise. */
  enter(key: string, endpoint: string, params: unknown): IdempotencyRow | null {
    if (key.length > MAX_LENGTH) {
      throw invalid(`Idempotency key length must be at most ${MAX_LENGTH} characters (provided ${key.length}).`);
    }
    if (this.inUse.has(key)) {
      throw new StripeFault(409, {
        type: 'idempotency_error',
        code: 'idempotency_key_in_use',
        message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
      });
    }
    const saved = this.world.store.get('idempotency', key);
    if (!saved || saved.created <= this.world.now() - KEPT) {
      this.inUse.add(key);
      return null;
    }
    const other =
      saved.endpoint === endpoint
        ? saved.params === digest(params)
          ? null
          : 'with the same parameters they were first used with'
        : `for the same endpoint they were first used for ('${endpoint}' vs '${saved.endpoint}')`;
    if (other) {
      throw new StripeFault(400, {
        type: 'idempotency_error',
        message: `Keys for idempotent requests can only be used ${other}. Try using a key other than '${key}' if you meant to execute a different request.`,
      });
    }
    return saved;
  }

  /** Keeps the answer of a call whose execution began. */
  save(
    key: string,
    endpoint: string,
    params: unknown,
    answer: { status: number; body: string; request: string },
  ): void {
    this.forgetOld();
    // Deleted first, so that rows stand in the order of their age.
    this.world.store.delete('idempotency', key);
    this.world.store.put('idempotency', {
      id: key,
      endpoint,
      params: digest(params),
      created: this.world.now(),
      ...answer,
    });
  }

  leave(key: string): void {
    this.inUse.delete(key);
  }

  private forgetOld(): void {
    const oldest = this.world.now() - KEPT;
    for (const row of this.world.store.oldest('idempotency')) {
      if (row.created > oldest) break;
      this.world.store.delete('idempotency', row.id);
    }
  }
}
