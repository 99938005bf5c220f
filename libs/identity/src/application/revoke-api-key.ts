import { Injectable } from '@nestjs/common';
import { Clock, isId, notFound } from '@throughline/kernel';
import { Database } from '@throughline/platform';
import { ApiKey } from '@throughline/schema/identity';
import { type RequestScope, requirePermission } from '../domain/request-scope.js';

/** Ends a key of the caller's organisation at once. Revoking it again keeps the first time. */
@Injectable()
export class RevokeApiKey {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async execute(scope: RequestScope, id: string): Promise<ApiKey> {
    requirePermission(scope, 'api_keys:write');
    return this.database.transaction(scope.data, async (em) => {
      const key = isId(id) ? await em.findOne(ApiKey, { id, organisationId: scope.organisation.id }) : null;
      if (!key) throw notFound('API key', id);
      key.revokedAt ??= this.clock.now();
      return key;
    });
  }
}
