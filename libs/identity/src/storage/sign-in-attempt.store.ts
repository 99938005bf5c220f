import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import { type AttemptCount, signInLimits } from '../domain/sign-in-limit.js';

const OLD_ROWS_A_TIME = 20;

@Injectable()
export class SignInAttemptStore {
  /** Counts an attempt as failed until it is known not to be; attempts at the same time cannot slip past each other. */
  async count(em: EntityManager, key: string, now: Date): Promise<AttemptCount> {
    const windowBegan = new Date(now.getTime() - signInLimits.windowMs);
    const rows = await em.execute<{ failures: number; windowStart: string }[]>(
      `insert into sign_in_attempt as a (key, window_start, failures) values (?, ?, 1)
       on conflict (key) do update set
         failures = case when a.window_start <= ? then 1 else a.failures + 1 end,
         window_start = case when a.window_start <= ? then excluded.window_start else a.window_start end
       returning failures, window_start as "windowStart"`,
      [key, now, windowBegan, windowBegan],
    );
    return { failures: rows[0]?.failures ?? 1, windowStart: new Date(rows[0]?.windowStart ?? now) };
  }

  /** The e-mail's owner signed in: its count starts anew. */
  async forget(em: EntityManager, key: string): Promise<void> {
    await em.execute('delete from sign_in_attempt where key = ?', [key]);
  }

  /** Takes back one attempt. An address keeps the rest: one good account must not buy more guesses at others. */
  async takeBack(em: EntityManager, key: string): Promise<void> {
    await em.execute('update sign_in_attempt set failures = greatest(failures - 1, 0) where key = ?', [key]);
  }

  /** Removes some counts whose window is over, so that invented e-mails do not pile up. */
  async removeOld(em: EntityManager, now: Date): Promise<void> {
    await em.execute(
      `delete from sign_in_attempt where key in
         (select key from sign_in_attempt where window_start <= ? limit ? for update skip locked)`,
      [new Date(now.getTime() - signInLimits.windowMs), OLD_ROWS_A_TIME],
    );
  }
}
