import { Injectable } from '@nestjs/common';
import { Clock, DomainError, type Fault, newId } from '@throughline/kernel';
import { Database } from '@throughline/platform';
import { ApiKey } from '@throughline/schema/identity';
import { newApiKey } from '../domain/credentials.js';
import { effectivePermissions, type RequestScope, requirePermission } from '../domain/request-scope.js';
import { isPermission } from '../domain/roles.js';
import { refuseFaults, shortText } from '../domain/text-rules.js';
import { ApiKeyStore } from '../storage/api-key.store.js';

const MAX_LIVE_KEYS = 50;

export interface NewApiKey {
  readonly name: string;
  /** Permissions such as "assets:read", a part of the caller's own. */
  readonly scopes: readonly string[];
  readonly expiresAt?: Date | null;
}

/** A key for programs. Its text is in the answer and nowhere else. STATE_CONFLICT at 50 live keys of an organisation. */
@Injectable()
export class CreateApiKey {
  constructor(
    private readonly database: Database,
    private readonly keys: ApiKeyStore,
    private readonly clock: Clock,
  ) {}

  async execute(scope: RequestScope, input: NewApiKey): Promise<{ apiKey: ApiKey; key: string }> {
    requirePermission(scope, 'api_keys:write');
    const now = this.clock.now();
    const faults: Fault[] = [];
    const name = shortText(faults, 'name', input.name, 100);
    const scopes = [...new Set(input.scopes)].sort();
    if (scopes.length === 0) faults.push({ field: 'scopes', value: [], rule: 'must name at least one permission' });
    const own = effectivePermissions(scope);
    for (const text of scopes)
      if (!isPermission(text))
        faults.push({ field: 'scopes', value: text, rule: 'is no permission, such as "assets:read"' });
      else if (!own.has(text)) faults.push({ field: 'scopes', value: text, rule: 'is a permission you do not have' });
    if (input.expiresAt && input.expiresAt <= now)
      faults.push({ field: 'expiresAt', value: input.expiresAt.toISOString(), rule: 'must be in the future' });
    refuseFaults(faults);

    const credential = newApiKey();
    const apiKey = await this.database.transaction(scope.data, async (em) => {
      const createdBy = await this.keys.creatorFor(em, scope.actor);
      if ((await this.keys.countLive(em, scope.organisation.id)) >= MAX_LIVE_KEYS)
        throw new DomainError('STATE_CONFLICT', `There are ${MAX_LIVE_KEYS} live API keys; revoke one first`);
      const row = em.create(ApiKey, {
        id: newId(now.getTime()),
        organisationId: scope.organisation.id,
        createdBy,
        name,
        prefix: credential.prefix,
        secretHash: credential.hash,
        scopes,
        createdAt: now,
        expiresAt: input.expiresAt ?? null,
      });
      await em.flush();
      return row;
    });
    return { apiKey, key: credential.text };
  }
}
