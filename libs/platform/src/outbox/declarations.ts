import { DomainError } from '@throughline/kernel';
import type { z } from 'zod';

/** A fact another lib may act on: past tense, "<lib>.<noun-verb>". */
export interface EventDeclaration<P = unknown> {
  readonly name: string;
  readonly payload: z.ZodType<P>;
}

export const queueNames = ['metering', 'billing', 'fleet', 'notify', 'slow'] as const;
/** Queues are by duty, so that a slow export cannot delay invoices. */
export type QueueName = (typeof queueNames)[number];

/** A job, declared once in the lib that owns it. */
export interface JobDeclaration<P = unknown> {
  readonly name: string;
  readonly queue: QueueName;
  readonly payload: z.ZodType<P>;
  /** Tries in all, with exponential back-off starting at `backoffMs`. */
  readonly attempts: number;
  readonly backoffMs: number;
  readonly timeoutMs: number;
  /** Events it runs on; their payload is the job's. */
  readonly on?: readonly EventDeclaration<P>[];
  /** Runs again and again with an empty payload: every so many ms, or by a cron pattern in UTC. */
  readonly every?: number;
  readonly cron?: string;
}

const named = (name: string): string => {
  if (!/^[a-z]+\.[a-z][a-z-]*$/.test(name))
    throw new DomainError('INTERNAL', `"${name}" must be written "<lib>.<words-with-dashes>"`);
  return name;
};

export const defineEvent = <P>(name: string, payload: z.ZodType<P>): EventDeclaration<P> => ({
  name: named(name),
  payload,
});

export const defineJob = <P>(job: JobDeclaration<P>): JobDeclaration<P> => {
  named(job.name);
  if (job.every !== undefined && job.cron !== undefined)
    throw new DomainError('INTERNAL', `job ${job.name} has both "every" and "cron"`);
  return job;
};

export interface JobContext {
  readonly jobId: string;
  /** 1 at the first try. */
  readonly attempt: number;
  /** Aborted when the job's time is over. */
  readonly signal: AbortSignal;
}

export interface JobHandler<J extends JobDeclaration> {
  handle(payload: J extends JobDeclaration<infer P> ? P : never, context: JobContext): Promise<void>;
}
