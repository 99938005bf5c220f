import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<number>();

/** Within `work` PostgreSQL ends every statement that runs longer than `ms` (SQLSTATE 57014). */
export const withStatementTimeout = <T>(ms: number, work: () => T): T => current.run(ms, work);

/** Session settings of a transaction that begins now. */
export function timeoutSettings(): Record<string, string> {
  const ms = current.getStore();
  return ms === undefined ? {} : { statement_timeout: String(ms) };
}
