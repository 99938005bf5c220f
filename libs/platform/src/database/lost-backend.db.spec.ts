import { everyCustomer } from '@throughline/kernel';
import pg from 'pg';
import { testModule } from '../../../../test/support/database.js';

describe('a backend that PostgreSQL ends in the middle of a transaction', () => {
  it('makes the transaction fail, and the pool closes all the same', async () => {
    const context = await testModule();
    const { database } = context;
    const killer = new pg.Client({ connectionString: context.url });
    await killer.connect();
    const kill = (pid: number) => killer.query('select pg_terminate_backend($1)', [pid]);
    const pidOf = async (em: { execute: (sql: string) => Promise<unknown> }): Promise<number> => {
      const [row] = (await em.execute('select pg_backend_pid() as pid')) as { pid: number }[];
      return row?.pid ?? 0;
    };
    // More often than the pool has places. Between two statements, during one, and at the commit.
    for (let i = 0; i < 10; i += 1)
      await expect(
        database.transaction(everyCustomer, async (em) => void (await kill(await pidOf(em)))),
      ).rejects.toThrow();
    const between = database.transaction(everyCustomer, async (em) => {
      await kill(await pidOf(em));
      await new Promise((resolve) => setTimeout(resolve, 50));
      await em.execute('select 1');
    });
    await expect(between).rejects.toThrow();
    const during = database.transaction(everyCustomer, async (em) => {
      const pid = await pidOf(em);
      setTimeout(() => void kill(pid), 50);
      await em.execute('select pg_sleep(30)');
    });
    await expect(during).rejects.toThrow();
    const [row] = await database.read(everyCustomer, (em) => em.execute<{ one: number }[]>('select 1 as one'));
    expect(row?.one).toBe(1);
    await killer.end();
    await context.close();
  });
});
