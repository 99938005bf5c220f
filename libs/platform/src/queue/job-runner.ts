import { Injectable } from '@nestjs/common';
import { DomainError } from '@throughline/kernel';
import type { Job } from 'bullmq';
import { Logger, withLogFields } from '../logging/logger.js';
import { Metrics } from '../metrics/metrics.js';
import { type JobDeclaration, queueNames } from '../outbox/declarations.js';
import { type HandledJob, JobRegistry } from './handlers.js';
import { Queues } from './queues.js';
import { runJob } from './run-job.js';

/** Processes the queues in the worker process and keeps their schedules. */
@Injectable()
export class JobRunner {
  constructor(
    private readonly registry: JobRegistry,
    private readonly queues: Queues,
    private readonly logger: Logger,
    private readonly metrics: Metrics,
  ) {}

  /** Refuses to start when a declared job lacks a handler or has two. */
  async start(declared: readonly JobDeclaration<never>[]): Promise<void> {
    const handlers = this.registry.complete(declared);
    await this.schedule(handlers);
    await Promise.all(
      queueNames.map((name) => this.queues.work(name, (job) => this.process(handlers, job)).waitUntilReady()),
    );
  }

  private async schedule(handlers: Map<string, HandledJob>): Promise<void> {
    for (const [name, queue] of this.queues.all()) {
      const recurring = [...handlers.values()].filter(({ job }) => job.queue === name && (job.every || job.cron));
      for (const { job } of recurring)
        await queue.upsertJobScheduler(
          job.name,
          job.every ? { every: job.every } : { pattern: job.cron ?? '', tz: 'UTC' },
          {
            name: job.name,
            data: {},
            opts: { attempts: 1, removeOnComplete: { count: 10 }, removeOnFail: { count: 100 } },
          },
        );
      // A schedule whose job is gone from the code would fail for ever.
      for (const old of await queue.getJobSchedulers())
        if (!recurring.some(({ job }) => job.name === old.key)) await queue.removeJobScheduler(old.key);
    }
  }

  private async process(handlers: Map<string, HandledJob>, job: Job): Promise<void> {
    const handled = handlers.get(job.name);
    if (!handled) throw new DomainError('INTERNAL', `no handler for job ${job.name}`);
    const attempt = job.attemptsMade + 1;
    const seconds = this.metrics.histogram(
      'throughline_job_seconds',
      'Time a job took',
      [0.01, 0.05, 0.25, 1, 5, 30, 120],
      ['job', 'outcome'],
    );
    const started = performance.now();
    await withLogFields({ jobId: job.id, job: job.name }, async () => {
      try {
        await runJob(handled, job.data, job.id ?? '', attempt);
        seconds.observe({ job: job.name, outcome: 'done' }, (performance.now() - started) / 1000);
      } catch (error) {
        seconds.observe({ job: job.name, outcome: 'failed' }, (performance.now() - started) / 1000);
        this.logger.error({ err: error, attempt, attempts: handled.job.attempts }, 'a job failed');
        throw error;
      }
    });
  }
}
