import { Injectable } from '@nestjs/common';
import { DomainError } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import { ApiKey } from '@throughline/schema/identity';
import type { Actor } from '../domain/request-scope.js';

@Injectable()
export class ApiKeyStore {
  /** The user a new key stands for: the caller, or the one whose key the caller is. */
  async creatorFor(em: EntityManager, actor: Actor): Promise<string> {
    if (actor.kind === 'user') return actor.id;
    if (actor.kind === 'system') throw new DomainError('FORBIDDEN', 'API keys belong to a user');
    const key = await em.findOneOrFail(ApiKey, { id: actor.id });
    return key.createdBy;
  }

  countLive(em: EntityManager, organisationId: string): Promise<number> {
    return em.count(ApiKey, { organisationId, revokedAt: null });
  }

  /** Keys of an organisation, newest first. */
  list(em: EntityManager, organisationId: string): Promise<ApiKey[]> {
    return em.find(ApiKey, { organisationId }, { orderBy: { id: 'desc' }, limit: 500 });
  }
}
