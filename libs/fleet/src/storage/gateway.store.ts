import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import { asDate } from './rows.js';

/** Signs of life of gateway processes. */
@Injectable()
export class GatewayStore {
  /** A gateway of that name begins to run; its sign of life begins anew. */
  async start(em: EntityManager, name: string, at: Date): Promise<void> {
    await em.execute(
      `insert into gateway (name, started_at, alive_at) values (?, ?, ?)
       on conflict (name) do update set started_at = excluded.started_at, alive_at = excluded.alive_at`,
      [name, at, at],
    );
  }

  async beat(em: EntityManager, name: string, at: Date): Promise<void> {
    await em.execute('update gateway set alive_at = greatest(alive_at, ?::timestamptz) where name = ?', [at, name]);
  }

  async forget(em: EntityManager, name: string): Promise<void> {
    await em.execute('delete from gateway where name = ?', [name]);
  }

  /** Held until the transaction ends: the gateway of that name, and those silent since before `silentBefore`. */
  async lostOnes(em: EntityManager, name: string, silentBefore: Date): Promise<{ name: string; aliveAt: Date }[]> {
    const rows = await em.execute<{ name: string; alive_at: string }[]>(
      'select name, alive_at from gateway where name = ? or alive_at < ? order by name for update',
      [name, silentBefore],
    );
    return rows.map((r) => ({ name: r.name, aliveAt: asDate(r.alive_at) }));
  }
}
