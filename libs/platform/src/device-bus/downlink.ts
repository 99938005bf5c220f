import type { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { everyCustomer } from '@throughline/kernel';
import { Database } from '../database/database.js';

/** What is sent to a device, at QoS 1. */
export interface DeviceMessage {
  readonly topic: string;
  readonly payload: string | Buffer;
}

const BATCH = 500;

/**
 * Messages to devices from processes that hold no connections of theirs: rows of the transaction that causes them, which a
 * gateway sends after the commit, at least once and in the order they were written.
 */
@Injectable()
export class Downlink {
  constructor(private readonly database: Database) {}

  async send(em: EntityManager, messages: readonly DeviceMessage[]): Promise<void> {
    for (const { topic, payload } of messages)
      await em.execute('insert into downlink (topic, payload) values (?, ?)', [topic, Buffer.from(payload)]);
  }

  /** Hands what waits to `deliver` and deletes it; gives the number of messages. Gateways that ask at once share the rows. */
  async relay(deliver: (message: DeviceMessage) => Promise<void>): Promise<number> {
    return this.database.transaction(everyCustomer, async (em) => {
      const rows = await em.execute<{ id: string; topic: string; payload: Buffer }[]>(
        'select id, topic, payload from downlink order by id limit ? for update skip locked',
        [BATCH],
      );
      for (const row of rows) await deliver(row);
      if (rows.length > 0)
        await em.execute(
          `delete from downlink where id in (${rows.map(() => '?').join(',')})`,
          rows.map((row) => row.id),
        );
      return rows.length;
    });
  }
}
