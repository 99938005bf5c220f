import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import type { OrganisationKind, Role } from '../domain/roles.js';

/** A caller as stored, whatever credential it used. */
export interface CallerRow {
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
  readonly organisationId: string;
  readonly organisationKind: OrganisationKind;
  /** Customers a partner is linked to. */
  readonly linked: readonly string[];
  readonly disabled: boolean;
}

export interface SessionCallerRow extends CallerRow {
  readonly revoked: boolean;
  readonly expiresAt: Date;
}

export interface KeyCallerRow extends CallerRow {
  readonly keyId: string;
  readonly keyName: string;
  readonly secretHash: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revoked: boolean;
}

const caller = `
  u.id as "userId", u.name, u.role, u.organisation_id as "organisationId", o.kind as "organisationKind",
  u.disabled_at is not null as disabled,
  coalesce((select array_agg(l.customer_id::text order by l.customer_id) from partner_link l where l.partner_id = o.id), '{}') as linked`;

/** Callers by their credential: one query each, because every request asks. */
@Injectable()
export class IdentityStore {
  async bySession(em: EntityManager, sessionId: string): Promise<SessionCallerRow | undefined> {
    const rows = await em.execute<SessionCallerRow[]>(
      `select ${caller}, s.revoked_at is not null as revoked, s.expires_at as "expiresAt"
       from session s join app_user u on u.id = s.user_id join organisation o on o.id = u.organisation_id
       where s.id = ?`,
      [sessionId],
    );
    return rows[0] && { ...rows[0], expiresAt: new Date(rows[0].expiresAt) };
  }

  byKeyPrefix(em: EntityManager, prefix: string): Promise<KeyCallerRow | undefined> {
    return this.byKey(em, 'k.prefix', prefix);
  }

  byKeyId(em: EntityManager, id: string): Promise<KeyCallerRow | undefined> {
    return this.byKey(em, 'k.id', id);
  }

  private async byKey(
    em: EntityManager,
    column: 'k.prefix' | 'k.id',
    value: string,
  ): Promise<KeyCallerRow | undefined> {
    const rows = await em.execute<KeyCallerRow[]>(
      `select ${caller}, k.id as "keyId", k.name as "keyName", k.secret_hash as "secretHash", k.scopes,
         k.expires_at as "expiresAt", k.last_used_at as "lastUsedAt", k.revoked_at is not null as revoked
       from api_key k join app_user u on u.id = k.created_by join organisation o on o.id = u.organisation_id
       where ${column} = ?`,
      [value],
    );
    const row = rows[0];
    return (
      row && {
        ...row,
        expiresAt: row.expiresAt && new Date(row.expiresAt),
        lastUsedAt: row.lastUsedAt && new Date(row.lastUsedAt),
      }
    );
  }
}
