import type { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { everyCustomer } from '@throughline/kernel';
import { CONFIG, type Config } from '../config/config.js';
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
  constructor(
    private readonly database: Database,
    @Inject(CONFIG) private readonly config: Pick<Config, 'aws'>,
  ) {}

  /** In AWS mode what stands on reserved topics is AWS IoT's to say, and is left out. */
  async send(em: EntityManager, all: readonly DeviceMessage[]): Promise<void> {
    const messages = this.config.aws ? all.filter(({ topic }) => !topic.startsWith('$')) : all;
    for (let i = 0; i < messages.length; i += BATCH) {
      const some = messages.slice(i, i + BATCH);
      await em.execute(
        `insert into downlink (topic, payload) values ${some.map(() => '(?, ?)').join(', ')}`,
        some.flatMap(({ topic, payload }) => [topic, Buffer.from(payload)]),
      );
    }
  }

  /** Whether a message on one of the topics has yet to be sent: another one sent past them would overtake it. */
  async waits(em: EntityManager, topics: readonly string[]): Promise<boolean> {
    if (topics.length === 0) return false;
    const rows = await em.execute<unknown[]>(
      `select 1 from downlink where topic in (${topics.map(() => '?').join(', ')}) limit 1`,
      [...topics],
    );
    return rows.length > 0;
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
