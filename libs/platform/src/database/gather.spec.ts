import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { Gather } from './gather.js';

const byItself = { limit: 100, key: String };

describe('gathered calls', () => {
  it('are one batch when they come in one turn, and the next when they come during one', async () => {
    const batches: number[][] = [];
    const gate = Promise.withResolvers<void>();
    const gather = new Gather<number, number>(byItself, async (items) => {
      batches.push([...items]);
      if (batches.length === 1) await gate.promise;
      return items.map((i) => i * 10);
    });
    const first = [gather.run(1), gather.run(2)];
    await sleep(5);
    const second = [gather.run(3), gather.run(4)];
    await sleep(5);
    expect(batches).toEqual([[1, 2]]);
    gate.resolve();
    expect(await Promise.all([...first, ...second])).toEqual([10, 20, 30, 40]);
    expect(batches).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('fail alone where the answer is an error, and together where the work fails; later calls are served', async () => {
    const gather = new Gather<number, number>(byItself, async (items) => {
      if (items.includes(13)) throw new Error('all of them');
      return items.map((i) => (i === 2 ? new Error('this one') : i));
    });
    expect(await Promise.allSettled([gather.run(1), gather.run(2)])).toEqual([
      { status: 'fulfilled', value: 1 },
      { status: 'rejected', reason: new Error('this one') },
    ]);
    const together = await Promise.allSettled([gather.run(3), gather.run(13)]);
    expect(together.map((r) => r.status)).toEqual(['rejected', 'rejected']);
    expect(await gather.run(4)).toBe(4);
  });

  it('keep the order of a key, one a batch, and never exceed the limit, whatever comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), pause: fc.boolean() }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        async (calls, limit) => {
          const done: { key: string; n: number }[] = [];
          const gather = new Gather<{ key: string; n: number }, number>({ limit, key: (i) => i.key }, async (items) => {
            expect(items.length).toBeLessThanOrEqual(limit);
            expect(new Set(items.map((i) => i.key)).size).toBe(items.length);
            await new Promise(setImmediate);
            done.push(...items);
            return items.map((i) => i.n);
          });
          const answers: Promise<number>[] = [];
          for (const [n, { key, pause }] of calls.entries()) {
            answers.push(gather.run({ key, n }));
            if (pause) await new Promise(setImmediate);
          }
          expect(await Promise.all(answers)).toEqual(calls.map((_, n) => n));
          for (const key of ['a', 'b', 'c', 'd']) {
            const order = done.filter((d) => d.key === key).map((d) => d.n);
            expect(order).toEqual([...order].sort((x, y) => x - y));
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
