import { Injectable } from '@nestjs/common';
import { type Connection, type EntityManager, keysetPage, type PageRequest } from '@throughline/platform';
import { TlsRefusal } from '@throughline/schema/fleet';
import type { RefusalCount } from '../../domain/connection-refusal.js';

@Injectable()
export class TlsRefusalStore {
  /** Adds to what is counted of each hour, reason and party. */
  async add(em: EntityManager, counts: readonly RefusalCount[]): Promise<void> {
    await em.execute(
      `insert into tls_refusal as t (hour, reason, party, connections, first_at, last_at, remote_address, fingerprint, subject, detail)
       select * from jsonb_to_recordset(?::jsonb) as r(hour timestamptz, reason text, party text, connections int,
         "firstAt" timestamptz, "lastAt" timestamptz, "remoteAddress" text, fingerprint text, subject text, detail text)
       on conflict (hour, reason, party) do update set connections = t.connections + excluded.connections,
         last_at = greatest(t.last_at, excluded.last_at), remote_address = excluded.remote_address,
         subject = excluded.subject, detail = excluded.detail`,
      [JSON.stringify(counts).replaceAll('\\u0000', '\\ufffd')],
    );
  }

  /** The latest first. */
  async page(em: EntityManager, page: PageRequest): Promise<Connection<TlsRefusal>> {
    return keysetPage(em, TlsRefusal, {
      list: 'refusedConnections',
      sort: [
        { property: 'lastAt', type: 'date', direction: 'desc' },
        { property: 'hour', type: 'date', direction: 'desc' },
        { property: 'reason', type: 'string', direction: 'asc' },
        { property: 'party', type: 'string', direction: 'asc' },
      ],
      page,
    });
  }

  async deleteBefore(em: EntityManager, before: Date): Promise<void> {
    await em.execute('delete from tls_refusal where hour < ?', [before]);
  }
}
