import type { EntityManager } from '@mikro-orm/postgresql';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DomainError, everyCustomer } from '@throughline/kernel';
import { Database } from '../database/database.js';
import { Logger } from '../logging/logger.js';
import { type HandledJob, JobRegistry } from '../queue/handlers.js';
import { Queues } from '../queue/queues.js';

const BATCH = 500;
const IDLE_MS = 200;
const FAILED_MS = 2_000;
/** Done jobs are kept this long: a row relayed twice after a crash finds its job id taken. */
const KEEP_DONE_SECONDS = 3_600;

interface Row {
  id: string;
  kind: 'event' | 'job';
  name: string;
  payload: Record<string, unknown>;
}

/**
 * Hands committed outbox rows to the queues, at least once and in the order of their ids. Any number of relays may run:
 * rows are claimed with SKIP LOCKED and deleted only after the queue has the jobs.
 */
@Injectable()
export class OutboxRelay implements OnApplicationShutdown {
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly database: Database,
    private readonly queues: Queues,
    private readonly registry: JobRegistry,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.running ??= this.loop();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  /** Relays one batch; gives the number of rows taken. */
  async relayBatch(): Promise<number> {
    const handlers = this.registry.handlers();
    return this.database.transaction(everyCustomer, async (em) => {
      const rows = await claim(em);
      const jobs = rows.flatMap((row) => targets(handlers, row).map((handled) => ({ row, handled })));
      for (const [name, queue] of this.queues.all()) {
        const mine = jobs.filter(({ handled }) => handled.job.queue === name);
        if (mine.length > 0) await queue.addBulk(mine.map(({ row, handled }) => bullJob(row, handled)));
      }
      if (rows.length > 0)
        await em.execute(
          `delete from outbox where id in (${rows.map(() => '?').join(',')})`,
          rows.map((row) => row.id),
        );
      return rows.length;
    });
  }

  private async loop(): Promise<void> {
    while (!this.stopped) {
      try {
        if ((await this.relayBatch()) < BATCH) await pause(IDLE_MS);
      } catch (error) {
        this.logger.error({ err: error }, 'the outbox relay failed and tries again');
        await pause(FAILED_MS);
      }
    }
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const claim = (em: EntityManager): Promise<Row[]> =>
  em.execute<Row[]>(
    'select id, kind, name, payload from outbox where not_before is null or not_before <= now() order by id limit ? for update skip locked',
    [BATCH],
  );

function targets(handlers: Map<string, HandledJob>, row: Row): HandledJob[] {
  if (row.kind === 'event')
    return [...handlers.values()].filter(({ job }) => job.on?.some((event) => event.name === row.name));
  const handled = handlers.get(row.name);
  if (!handled) throw new DomainError('INTERNAL', `the outbox asks for job ${row.name}, which has no handler`);
  return [handled];
}

function bullJob(row: Row, { job }: HandledJob) {
  return {
    name: job.name,
    data: row.payload,
    opts: {
      jobId: `outbox-${row.id}-${job.name}`,
      attempts: job.attempts,
      backoff: { type: 'exponential', delay: job.backoffMs },
      removeOnComplete: { age: KEEP_DONE_SECONDS, count: 20_000 },
      removeOnFail: { age: 30 * 86_400 },
    },
  };
}
