import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import { QuarantineTask } from '@throughline/schema/telemetry';

const fresh = { disableIdentityMap: true } as const;

@Injectable()
export class QuarantineTaskStore {
  async add(em: EntityManager, task: QuarantineTask): Promise<void> {
    await em.insert(QuarantineTask, task);
  }

  async find(em: EntityManager, id: string): Promise<QuarantineTask | null> {
    return em.findOne(QuarantineTask, { id }, fresh);
  }

  /** Newest first. */
  async newest(em: EntityManager, limit: number): Promise<QuarantineTask[]> {
    return em.find(QuarantineTask, {}, { ...fresh, orderBy: { createdAt: 'desc', id: 'desc' }, limit });
  }

  /** Whoever does a page of it waits for the one before. */
  async lock(em: EntityManager, id: string): Promise<Pick<QuarantineTask, 'state' | 'cursor'> | undefined> {
    const [row] = await em.execute<Pick<QuarantineTask, 'state' | 'cursor'>[]>(
      'select state, cursor from quarantine_task where id = ? for update',
      [id],
    );
    return row;
  }

  async progressed(
    em: EntityManager,
    id: string,
    { cursor, settled, kept }: { cursor: string; settled: number; kept: number },
  ): Promise<void> {
    await em.execute('update quarantine_task set cursor = ?, settled = settled + ?, kept = kept + ? where id = ?', [
      cursor,
      settled,
      kept,
      id,
    ]);
  }

  async ended(em: EntityManager, id: string, at: Date, error: string | null): Promise<void> {
    await em.execute(
      `update quarantine_task set state = ?, finished_at = ?, error = ? where id = ? and state = 'running'`,
      [error === null ? 'done' : 'failed', at, error?.slice(0, 500) ?? null, id],
    );
  }

  async deleteBefore(em: EntityManager, before: Date): Promise<void> {
    await em.execute(`delete from quarantine_task where created_at < ? and state <> 'running'`, [before]);
  }
}
