import { Injectable } from '@nestjs/common';
import { Clock, DomainError } from '@throughline/kernel';
import { Database, type DataScope, everyCustomer, onlyCustomers } from '@throughline/platform';
import { ApiKey } from '@throughline/schema/identity';
import { looksLikeApiKey, prefixOf, sameHash, sha256 } from '../domain/credentials.js';
import type { RequestScope } from '../domain/request-scope.js';
import { isPermission, type Permission, permissionsOf } from '../domain/roles.js';
import { type CallerRow, IdentityStore, type KeyCallerRow } from '../storage/identity.store.js';
import { AccessTokens } from './access-tokens.js';

/** `lastUsedAt` of a key is true to the minute, so that a busy key does not write at every request. */
const LAST_USED_STEP_MS = 60_000;
const NEVER = new Date(8.64e15);

export interface Authenticated {
  readonly scope: RequestScope;
  /** When the credential itself ends. */
  readonly expiresAt: Date;
}

const refused = (message: string): DomainError => new DomainError('UNAUTHENTICATED', message);

/** Turns a bearer credential (access token or API key) into the scope of a request. Looks the caller up every time. */
@Injectable()
export class Authenticate {
  constructor(
    private readonly database: Database,
    private readonly identities: IdentityStore,
    private readonly tokens: AccessTokens,
    private readonly clock: Clock,
  ) {}

  /** `authorization`: the header's whole value. UNAUTHENTICATED when it is not a live credential of ours. */
  async bearer(authorization: string, requestId: string): Promise<Authenticated> {
    const token = /^Bearer ([\w.~+/=-]{1,2000})$/i.exec(authorization)?.[1];
    if (!token) throw refused('The authorization must be "Bearer" and a token');
    return looksLikeApiKey(token) ? this.key(token, requestId) : this.accessToken(token, requestId);
  }

  /** The caller of a running subscription as it is now; UNAUTHENTICATED when its session or key has ended. */
  async again(scope: RequestScope): Promise<RequestScope> {
    if (scope.actor.kind === 'system') return scope;
    if (scope.sessionId) return this.session(scope.sessionId, scope.actor.id, scope.requestId);
    const row = await this.database.read(everyCustomer, (em) => this.identities.byKeyId(em, scope.actor.id));
    return this.scopeOfKey(row, scope.requestId);
  }

  private async accessToken(token: string, requestId: string): Promise<Authenticated> {
    const claims = await this.tokens.verify(token);
    return { scope: await this.session(claims.sessionId, claims.userId, requestId), expiresAt: claims.expiresAt };
  }

  private async session(sessionId: string, userId: string, requestId: string): Promise<RequestScope> {
    const row = await this.database.read(everyCustomer, (em) => this.identities.bySession(em, sessionId));
    if (!row || row.userId !== userId || row.disabled || row.revoked || row.expiresAt <= this.clock.now())
      throw refused('The session has ended');
    return { ...scopeOf(row, requestId), sessionId };
  }

  private async key(text: string, requestId: string): Promise<Authenticated> {
    const prefix = prefixOf(text);
    const row = prefix
      ? await this.database.read(everyCustomer, (em) => this.identities.byKeyPrefix(em, prefix))
      : undefined;
    // The hash is made and compared also for a key that does not exist.
    const same = sameHash(sha256(text), row?.secretHash ?? sha256(''));
    const scope = this.scopeOfKey(same ? row : undefined, requestId);
    if (row) await this.markUsed(row);
    return { scope, expiresAt: row?.expiresAt ?? NEVER };
  }

  private scopeOfKey(row: KeyCallerRow | undefined, requestId: string): RequestScope {
    const now = this.clock.now();
    if (!row || row.disabled || row.revoked || (row.expiresAt && row.expiresAt <= now))
      throw refused('The API key is not valid');
    const ofCreator = permissionsOf(row.role);
    const permissions = new Set(row.scopes.filter((s): s is Permission => isPermission(s) && ofCreator.has(s)));
    const scope = scopeOf(row, requestId);
    return { ...scope, actor: { ...scope.actor, kind: 'api_key', id: row.keyId, name: row.keyName }, permissions };
  }

  private async markUsed(row: KeyCallerRow): Promise<void> {
    const now = this.clock.now();
    if (row.lastUsedAt && now.getTime() - row.lastUsedAt.getTime() < LAST_USED_STEP_MS) return;
    await this.database.transaction(everyCustomer, (em) =>
      em.nativeUpdate(ApiKey, { id: row.keyId }, { lastUsedAt: now }),
    );
  }
}

function scopeOf(row: CallerRow, requestId: string): RequestScope {
  return {
    actor: { kind: 'user', id: row.userId, name: row.name, role: row.role },
    organisation: { id: row.organisationId, kind: row.organisationKind },
    data: dataScopeOf(row),
    requestId,
  };
}

/** The manufacturer's people see every customer, a customer itself, a partner those it is linked to. */
function dataScopeOf(row: CallerRow): DataScope {
  if (row.organisationKind === 'manufacturer') return everyCustomer;
  return onlyCustomers(row.organisationKind === 'customer' ? [row.organisationId] : row.linked);
}
