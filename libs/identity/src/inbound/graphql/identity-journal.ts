import { Injectable } from '@nestjs/common';
import { Database, everyCustomer, knownFailure, MutationJournal, type MutationOutcome } from '@throughline/platform';
import type { IdentityContext } from '../../application/access-policy.js';
import { AuditTrail } from '../../application/audit-trail.js';

/** Kinds of failure in which the system worked and said no. */
const refusals = new Set(['invalid', 'unauthenticated', 'forbidden', 'not_found', 'conflict', 'limited']);

/** Writes the audit row of every mutation after it ended and before its answer goes out. */
@Injectable()
export class IdentityJournal extends MutationJournal {
  constructor(
    private readonly database: Database,
    private readonly auditTrail: AuditTrail,
  ) {
    super();
  }

  override async record(context: IdentityContext, outcomes: readonly MutationOutcome[]): Promise<void> {
    await this.database.transaction(everyCustomer, async (em) => {
      for (const { action, args, result, error } of outcomes) {
        const failure = error === undefined || error === null ? undefined : (knownFailure(error) ?? 'bug');
        const code = failure === 'bug' ? 'INTERNAL' : failure?.code;
        await this.auditTrail.record(em, context.scope, {
          action,
          outcome: !failure ? 'done' : failure !== 'bug' && refusals.has(failure.rule.kind) ? 'refused' : 'failed',
          detail: { ...args, ...(code ? { error: code } : {}), ...idOf(result) },
          claimedName: typeof args.email === 'string' ? args.email : undefined,
          requestId: context.requestId,
        });
      }
    });
  }
}

/** Id of what a mutation made or changed, also one level down (`{ apiKey: { id } }`). */
function idOf(result: unknown): { result?: string } {
  if (typeof result !== 'object' || result === null) return {};
  for (const candidate of [result, ...Object.values(result)])
    if (typeof candidate === 'object' && candidate !== null && 'id' in candidate) {
      const { id } = candidate;
      if (typeof id === 'string') return { result: id };
    }
  return {};
}
