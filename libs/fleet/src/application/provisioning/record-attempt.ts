import { Injectable } from '@nestjs/common';
import { Clock, newId } from '@throughline/kernel';
import { Database, type EntityManager, everyCustomer, Logger } from '@throughline/platform';
import { kept, keptParameters, type Operation } from '../../domain/provisioning/attempt.js';
import { ProvisioningRefusal } from '../../domain/provisioning/refusal.js';
import type { Parameters } from '../../domain/provisioning/template.js';
import { AttemptStore } from '../../storage/provisioning/attempt.store.js';

export interface Attempt {
  readonly operation: Operation;
  readonly batchId?: string | undefined;
  readonly caId?: string | undefined;
  readonly clientId: string;
  readonly remoteAddress?: string | null | undefined;
  readonly parameters?: Parameters | undefined;
  readonly fingerprint?: string | undefined;
  readonly thingName?: string | undefined;
}

/** A board that tries again and again fills no table: the same refusal is written once in this time. */
const SAME_AGAIN_MS = 60_000;
const MAX_REMEMBERED = 10_000;

/** Keeps what boards asked and how it went. */
@Injectable()
export class RecordAttempt {
  /** When a refusal was written last. */
  private readonly written = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly attempts: AttemptStore,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Within the transaction that did it. */
  async accepted(em: EntityManager, attempt: Attempt): Promise<void> {
    await this.attempts.insert(em, this.row(attempt));
  }

  /** Runs `work`, whose transaction is over when it rejects; a refusal is kept and goes on to the caller. */
  async keepingRefusals<T>(attempt: () => Attempt, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ProvisioningRefusal) await this.refused(attempt(), error);
      throw error;
    }
  }

  async refused(attempt: Attempt, { code, message }: ProvisioningRefusal): Promise<void> {
    this.logger.warn({ ...attempt, reason: code, rule: message }, 'provisioning was refused');
    if (this.wasWritten(JSON.stringify([attempt, code, message]))) return;
    const row = { ...this.row(attempt), accepted: false, reason: code, message: kept(message, 500) };
    await this.database.transaction(everyCustomer, (em) => this.attempts.insert(em, row));
  }

  private row({ operation, batchId, caId, clientId, remoteAddress, parameters, fingerprint, thingName }: Attempt) {
    const at = this.clock.now();
    return {
      id: newId(at.getTime()),
      at,
      operation,
      accepted: true,
      reason: null,
      message: null,
      batchId: batchId ?? null,
      caId: caId ?? null,
      clientId: kept(clientId, 128),
      remoteAddress: remoteAddress ?? null,
      parameters: parameters ? keptParameters(parameters) : null,
      fingerprint: fingerprint ?? null,
      thingName: thingName ?? null,
    };
  }

  private wasWritten(key: string): boolean {
    const now = this.clock.now().getTime();
    const last = this.written.get(key);
    if (last !== undefined && now - last < SAME_AGAIN_MS) return true;
    if (this.written.size >= MAX_REMEMBERED) this.written.clear();
    this.written.set(key, now);
    return false;
  }
}
