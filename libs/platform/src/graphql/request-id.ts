import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

const current = new AsyncLocalStorage<string>();

const safe = /^[\w.:-]{1,64}$/;

/** The caller's own id when it is safe to log, else a new one. */
export const requestIdFrom = (header: unknown): string =>
  typeof header === 'string' && safe.test(header) ? header : randomUUID();

/** Everything `work` starts knows the request it belongs to. */
export const withRequestId = <T>(id: string, work: () => T): T => current.run(id, work);

export const currentRequestId = (): string | undefined => current.getStore();
