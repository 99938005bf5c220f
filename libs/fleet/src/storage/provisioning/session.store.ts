import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import { uuids } from '../rows.js';

/** A session by what it was let in with. */
export interface OpenSession {
  readonly deviceId: string;
  /** Null on the unencrypted listener. */
  readonly fingerprint: string | null;
}

export interface EndedAccess extends OpenSession {
  readonly reason: string;
}

@Injectable()
export class SessionStore {
  /** Those of the sessions that would not be let in any more. */
  async ended(
    em: EntityManager,
    sessions: readonly OpenSession[],
    statesThatConnect: readonly string[],
    now: Date,
  ): Promise<EndedAccess[]> {
    const rows = await em.execute<{ device_id: string; fingerprint: string | null; reason: string }[]>(
      `select * from (
         select s.device_id, s.fingerprint, case
           when d.id is null then 'unknown_thing'
           when d.state <> all (?::text[]) then d.state || '_device'
           when s.fingerprint is null then null
           when c.id is null or c.device_id <> d.id then 'unknown_certificate'
           when c.state = 'revoked' then 'revoked_certificate'
           when c.not_after <= ? then 'expired_certificate' end as reason
         from unnest(?::uuid[], ?::text[]) as s(device_id, fingerprint)
         left join device d on d.id = s.device_id left join certificate c on c.fingerprint = s.fingerprint) x
       where reason is not null`,
      [
        `{${statesThatConnect.join(',')}}`,
        now,
        uuids(sessions.map((s) => s.deviceId)),
        `{${sessions.map((s) => s.fingerprint ?? 'NULL').join(',')}}`,
      ],
    );
    return rows.map((r) => ({ deviceId: r.device_id, fingerprint: r.fingerprint, reason: r.reason }));
  }

  /** Those of the claim batches that are deactivated or over. */
  async endedClaims(em: EntityManager, claimIds: readonly string[], now: Date): Promise<string[]> {
    const rows = await em.execute<{ id: string }[]>(
      'select id from claim_batch where id = any(?::uuid[]) and (deactivated_at is not null or expires_at <= ?)',
      [uuids(claimIds), now],
    );
    return rows.map((r) => r.id);
  }
}
