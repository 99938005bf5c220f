import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createPostgresBackend, type Processor, Queue, Worker } from 'bullmq';
import pg from 'pg';
import { CONFIG, type Config } from '../config/config.js';
import { Logger } from '../logging/logger.js';
import { type QueueName, queueNames } from '../outbox/declarations.js';

const PREFIX = 'throughline';
const POOL_SIZE = 12;
/**
 * Times that a job may be at work while its worker dies and is still done again; BullMQ's own limit is one, after which what an event
 * asked for would never be done. One that takes its worker down each time is given up.
 */
const MAX_STALLS = 10;
/** Jobs work at a time, by duty. Money is done one after the other. */
const concurrency: Readonly<Record<QueueName, number>> = { metering: 2, billing: 1, fleet: 2, notify: 2, slow: 1 };

/** Parts of BullMQ's queue and worker that we use, whichever store is behind them. */
export type JobQueue = Pick<
  Queue,
  | 'addBulk'
  | 'upsertJobScheduler'
  | 'removeJobScheduler'
  | 'getJobSchedulers'
  | 'getJobCounts'
  | 'close'
  | 'waitUntilReady'
>;
export interface JobWorker {
  close(): Promise<void>;
  waitUntilReady(): Promise<unknown>;
}

/** BullMQ on PostgreSQL, or on Redis when REDIS_URL is set. */
@Injectable()
export class Queues implements OnApplicationShutdown {
  private pool: pg.Pool | undefined;
  private readonly queues = new Map<QueueName, JobQueue>();
  private readonly workers: JobWorker[] = [];

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'databaseUrl' | 'redisUrl'>,
    private readonly logger: Logger,
  ) {}

  queue(name: QueueName): JobQueue {
    let queue = this.queues.get(name);
    if (!queue) {
      const { redisUrl } = this.config;
      queue = redisUrl
        ? new Queue(name, { prefix: PREFIX, connection: { url: redisUrl, maxRetriesPerRequest: 3 } })
        : new Queue(name, { prefix: PREFIX, connection: this.postgres() }, createPostgresBackend);
      this.queues.set(name, queue);
    }
    return queue;
  }

  all(): [QueueName, JobQueue][] {
    return queueNames.map((name) => [name, this.queue(name)]);
  }

  work(name: QueueName, processor: Processor): JobWorker {
    const { redisUrl } = this.config;
    const common = { prefix: PREFIX, concurrency: concurrency[name], maxStalledCount: MAX_STALLS };
    const onError = (error: Error): void =>
      this.logger.error({ err: error, queue: name }, 'the job queue reported an error');
    const worker = redisUrl
      ? new Worker(name, processor, { ...common, connection: { url: redisUrl, maxRetriesPerRequest: null } }).on(
          'error',
          onError,
        )
      : new Worker(name, processor, { ...common, connection: this.postgres() }, createPostgresBackend).on(
          'error',
          onError,
        );
    this.workers.push(worker);
    return worker;
  }

  /** Lets running jobs end, then closes. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.close()));
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
    await this.pool?.end();
  }

  private postgres(): pg.Pool {
    if (!this.pool) {
      this.pool = new pg.Pool({
        connectionString: this.config.databaseUrl,
        max: POOL_SIZE,
        options: '-c search_path=bullmq',
      });
      // Every queue and every worker listens on it.
      this.pool.setMaxListeners(4 * queueNames.length);
      this.pool.on('error', (error) =>
        this.logger.warn({ err: error }, 'an idle connection of the job queue was lost'),
      );
    }
    return this.pool;
  }
}
