import { DomainError } from '@throughline/kernel';
import type { HandledJob } from './handlers.js';

/** Runs a handler once: payload checked, time limited. Rejects with TIMED_OUT when the time is over. */
export async function runJob(
  { job, handler }: HandledJob,
  data: unknown,
  jobId: string,
  attempt: number,
): Promise<void> {
  const parsed = job.payload.safeParse(data);
  if (!parsed.success)
    throw new DomainError('INTERNAL', `payload of job ${job.name} breaks its schema: ${parsed.error.message}`);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), job.timeoutMs);
  const timeout = new Promise<never>((_, reject) =>
    abort.signal.addEventListener(
      'abort',
      () => reject(new DomainError('TIMED_OUT', `job ${job.name} took longer than ${job.timeoutMs} ms`)),
      { once: true },
    ),
  );
  try {
    await Promise.race([handler.handle(parsed.data as never, { jobId, attempt, signal: abort.signal }), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
