import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import { StripeEvent } from '@throughline/schema/billing';
import type { ProviderEvent } from '../outbound/payment-provider.js';

@Injectable()
export class StripeEventStore {
  /** Stores each event once; gives those that were not there, in their order. */
  async add(em: EntityManager, events: readonly ProviderEvent[], receivedAt: Date): Promise<ProviderEvent[]> {
    if (events.length === 0) return [];
    const rows = await em.execute<{ id: string }[]>(
      `insert into stripe_event (id, type, payload, received_at)
       select id, type, payload, ? from jsonb_to_recordset(?::jsonb) as e(id text, type text, payload jsonb)
       on conflict (id) do nothing returning id`,
      [receivedAt.toISOString(), JSON.stringify(events)],
    );
    const added = new Set(rows.map((row) => row.id));
    return events.filter((event) => added.has(event.id));
  }

  async get(em: EntityManager, id: string): Promise<StripeEvent | null> {
    return em.findOne(StripeEvent, { id });
  }

  /** Ids of events of some types that were received in [from, to) and not processed since, oldest first; at most `limit`. */
  async unprocessed(
    em: EntityManager,
    types: readonly string[],
    { from, to }: { from: Date; to: Date },
    limit: number,
  ): Promise<string[]> {
    const rows = await em.execute<{ id: string }[]>(
      `select id from stripe_event where processed_at is null and received_at >= ? and received_at < ?
         and type in (select jsonb_array_elements_text(?::jsonb)) order by received_at, id limit ?`,
      [from.toISOString(), to.toISOString(), JSON.stringify(types), limit],
    );
    return rows.map((row) => row.id);
  }

  async processed(em: EntityManager, id: string, at: Date): Promise<void> {
    await em.execute('update stripe_event set processed_at = ? where id = ?', [at.toISOString(), id]);
  }
}
