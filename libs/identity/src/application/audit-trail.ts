import { Injectable } from '@nestjs/common';
import { Clock, newId } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import { AuditEntry } from '@throughline/schema/identity';
import { redacted } from '../domain/redact.js';
import type { RequestScope } from '../domain/request-scope.js';

export interface AuditFact {
  readonly action: string;
  readonly outcome: 'done' | 'refused' | 'failed';
  /** Kept without secrets and cut to a readable size. */
  readonly detail: Readonly<Record<string, unknown>>;
  /** For callers who have no scope (yet): the e-mail somebody tried to sign in with. */
  readonly claimedName?: string;
  readonly requestId?: string;
}

/** The append-only record of who did what. Mutations are recorded by the API's journal; jobs and commands call it. */
@Injectable()
export class AuditTrail {
  constructor(private readonly clock: Clock) {}

  /** `scope` undefined: nobody was signed in. The row belongs to the actor's organisation unless that is the manufacturer. */
  async record(em: EntityManager, scope: RequestScope | undefined, fact: AuditFact): Promise<void> {
    const at = this.clock.now();
    const own = scope && scope.organisation.kind !== 'manufacturer' ? scope.organisation.id : null;
    em.create(AuditEntry, {
      id: newId(at.getTime()),
      at,
      actorKind: scope?.actor.kind ?? 'anonymous',
      actorId: scope?.actor.id ?? null,
      actorName: (scope?.actor.name ?? fact.claimedName)?.slice(0, 320) ?? null,
      organisationId: own,
      action: fact.action.slice(0, 100),
      outcome: fact.outcome,
      detail: redacted(fact.detail) as Record<string, unknown>,
      requestId: scope?.requestId ?? fact.requestId ?? null,
    });
    await em.flush();
  }
}
