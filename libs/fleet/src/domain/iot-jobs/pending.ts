import type { JobExecution } from './execution.js';

/** In the order a device works: what is in progress before what is queued, each by the time it was queued. */
export function inOrderOfWork<E extends Pick<JobExecution, 'status' | 'queuedAt' | 'id'>>(pending: readonly E[]): E[] {
  return pending.toSorted(
    (a, b) =>
      Number(a.status !== 'IN_PROGRESS') - Number(b.status !== 'IN_PROGRESS') ||
      a.queuedAt.getTime() - b.queuedAt.getTime() ||
      (a.id < b.id ? -1 : Number(a.id > b.id)),
  );
}

/** What a thing's connections are told of after a change of its pending executions, each list in the order of work. */
export interface News {
  /** The list has other members than before. */
  readonly notify: boolean;
  /** Another one is first, or none any more. */
  readonly notifyNext: boolean;
}

type Member = Pick<JobExecution, 'id'>;

export function newsOf(before: readonly Member[], after: readonly Member[]): News {
  const were = new Set(before.map(({ id }) => id));
  return {
    notify: before.length !== after.length || after.some(({ id }) => !were.has(id)),
    notifyNext: before[0]?.id !== after[0]?.id,
  };
}
