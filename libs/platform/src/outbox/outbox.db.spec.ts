import { Injectable, Module } from '@nestjs/common';
import { everyCustomer } from '@throughline/kernel';
import { z } from 'zod';
import { type TestContext, testModule } from '../../../../test/support/database.js';
import { HandlesJob, JobRegistry } from '../queue/handlers.js';
import { JobRunner } from '../queue/job-runner.js';
import { defineEvent, defineJob, type JobHandler } from './declarations.js';
import { Outbox } from './outbox.js';
import { OutboxRelay } from './outbox-relay.js';

const happened = defineEvent('test.thing-happened', z.object({ n: z.number() }));
const react = defineJob({
  name: 'test.react',
  queue: 'notify',
  payload: happened.payload,
  attempts: 3,
  backoffMs: 10,
  timeoutMs: 5_000,
  on: [happened],
});
const work = defineJob({
  name: 'test.work',
  queue: 'slow',
  payload: z.object({ text: z.string() }),
  attempts: 1,
  backoffMs: 10,
  timeoutMs: 5_000,
});

const seen: unknown[] = [];
let failures = 0;

@Injectable()
@HandlesJob(react)
class React implements JobHandler<typeof react> {
  async handle(payload: { n: number }): Promise<void> {
    if (payload.n === 13 && failures++ < 2) throw new Error('not yet');
    seen.push(payload);
  }
}

@Injectable()
@HandlesJob(work)
class Work implements JobHandler<typeof work> {
  async handle(payload: { text: string }): Promise<void> {
    seen.push(payload);
  }
}

@Injectable()
@HandlesJob(work)
class WorkAgain extends Work {}

@Module({ providers: [React, Work] })
class Handlers {}

const until = async (condition: () => boolean): Promise<void> => {
  for (let i = 0; i < 200 && !condition(); i += 1) await new Promise((resolve) => setTimeout(resolve, 50));
};

describe('outbox, relay and jobs', () => {
  let context: TestContext;
  let outbox: Outbox;

  beforeAll(async () => {
    context = await testModule([Handlers]);
    outbox = context.module.get(Outbox);
    await context.module.get(JobRunner).start([react, work] as never[]);
    context.module.get(OutboxRelay).start();
  });

  afterAll(() => context.close());

  it('delivers events to their subscribers and jobs to their handler, after the commit only', async () => {
    const undone = context.database.transaction(everyCustomer, async (em) => {
      await outbox.publish(em, happened, { n: 666 });
      throw new Error('undo');
    });
    await expect(undone).rejects.toThrow('undo');
    await context.database.transaction(everyCustomer, async (em) => {
      await outbox.publish(em, happened, { n: 1 });
      await outbox.enqueue(em, work, { text: 'hello' });
    });
    await until(() => seen.length >= 2);
    expect(seen).toEqual(expect.arrayContaining([{ n: 1 }, { text: 'hello' }]));
    expect(seen).not.toContainEqual({ n: 666 });
    const left = await context.database.read(everyCustomer, (em) => em.execute('select * from outbox'));
    expect(left).toEqual([]);
  });

  it('tries a failed job again as often as declared', async () => {
    await context.database.transaction(everyCustomer, (em) => outbox.publish(em, happened, { n: 13 }));
    await until(() => seen.some((s) => (s as { n?: number }).n === 13));
    expect(failures).toBe(3);
    expect(seen).toContainEqual({ n: 13 });
  });

  it('keeps a row until its time has come', async () => {
    await context.database.transaction(everyCustomer, (em) =>
      outbox.enqueue(em, work, { text: 'later' }, { notBefore: new Date(Date.now() + 600_000) }),
    );
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(seen).not.toContainEqual({ text: 'later' });
    const left = await context.database.read(everyCustomer, (em) => em.execute('select name from outbox'));
    expect(left).toEqual([{ name: 'test.work' }]);
  });

  it('refuses a payload that breaks its schema', async () => {
    const bad = context.database.transaction(everyCustomer, (em) =>
      outbox.publish(em, happened, { n: 'one' } as never),
    );
    await expect(bad).rejects.toThrow(/payload of test.thing-happened breaks its schema/);
  });
});

describe('job registry at boot', () => {
  it('refuses a missing and a doubled handler', async () => {
    const missing = await testModule([]);
    expect(() => missing.module.get(JobRegistry).complete([work] as never[])).toThrow('no handler for test.work');
    await missing.close();
    const doubled = await testModule([Handlers, { module: class Twice {}, providers: [WorkAgain] }]);
    expect(() => doubled.module.get(JobRegistry).handlers()).toThrow('job test.work has two handlers');
    await doubled.close();
  });
});
