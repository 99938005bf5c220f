import { type ChildProcess, fork } from 'node:child_process';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStripeEmulator } from '../src/index.js';
import { clientOf, closeAll, draftOf, emulated, failing, payingCustomer, receiver } from './support.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stripe-emulator-'));
});
afterEach(async () => {
  await closeAll();
  await rm(folder, { recursive: true, force: true });
});

describe('the state file', () => {
  it('carries everything over a restart: objects, lines, numbers, keys, time, test clocks and undelivered events', async () => {
    const stateFile = join(folder, 'stripe.json');
    const hook = await receiver();
    const webhook = { url: hook.url, secret: 'whsec_kept' };
    const first = await startStripeEmulator({ stateFile, webhook });
    const stripe = clientOf(first);
    first.webhooks.hold();
    await first.advance(5000);
    const customer = await payingCustomer(stripe, { invoice_prefix: 'KEPT' });
    const paid = await stripe.invoices.pay((await draftOf(stripe, customer.id, 1000, -300)).id);
    const draft = await draftOf(stripe, customer.id, 100, 200, 300);
    const keyed = await stripe.products.create({ name: 'P' }, { idempotencyKey: 'k' });
    const dropped = await draftOf(stripe, customer.id, 5);
    await stripe.invoices.del(dropped.id);
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: 1_700_000_000 });
    const happened = first.events().map((one) => one.id);
    await first.close();

    const second = await startStripeEmulator({ stateFile, webhook });
    const again = clientOf(second);
    try {
      expect(await again.invoices.retrieve(paid.id)).toEqual(paid);
      expect(await failing(again.invoices.retrieve(dropped.id))).toMatchObject({ code: 'resource_missing' });
      expect((await again.invoices.retrieve(draft.id)).lines.data.map((line) => line.amount)).toEqual([300, 200, 100]);
      expect((await again.invoices.finalizeInvoice(draft.id)).number).toBe('KEPT-0002');
      expect((await again.products.create({ name: 'P' }, { idempotencyKey: 'k' })).id).toBe(keyed.id);
      expect(await failing(again.products.create({ name: 'Q' }, { idempotencyKey: 'k' }))).toMatchObject({
        rawType: 'idempotency_error',
      });
      expect((await again.testHelpers.testClocks.retrieve(clock.id)).frozen_time).toBe(1_700_000_000);
      expect((await again.customers.create({ name: 'B' })).created).toBeGreaterThan(Date.now() / 1000 + 4000);
      expect((await again.webhookEndpoints.list()).data).toHaveLength(1);
      await second.webhooks.settled();
      const delivered = hook.received.map((one) => (JSON.parse(one.body) as { id: string }).id);
      expect(happened.every((id) => delivered.includes(id))).toBe(true);
    } finally {
      await second.close();
    }
  });

  it('holds whatever was answered, even when nothing was closed', async () => {
    const stateFile = join(folder, 'stripe.json');
    const { stripe } = await emulated({ stateFile });
    const made = await Promise.all(Array.from({ length: 20 }, (_, i) => stripe.customers.create({ name: `c${i}` })));
    const kept = await readFile(stateFile, 'utf8');
    for (const one of made) expect(kept).toContain(one.id);
    expect(await readdir(folder)).toEqual(['stripe.json']);
  });

  it('finishes the advance of a test clock that a crash cut off', async () => {
    const stateFile = join(folder, 'stripe.json');
    const { stripe } = await emulated({ stateFile });
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: 1_700_000_000 });
    const text = await readFile(stateFile, 'utf8');
    const [head, ...changes] = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { row?: { object?: string } });
    const cut = changes.map((one) =>
      one.row?.object === 'test_helpers.test_clock'
        ? {
            ...one,
            row: {
              ...one.row,
              status: 'advancing',
              status_details: { advancing: { target_frozen_time: 1_700_009_000 } },
            },
          }
        : one,
    );
    const other = join(folder, 'cut.json');
    await writeFile(other, [head, ...cut].map((one) => `${JSON.stringify(one)}\n`).join(''));
    const { emulator, stripe: second } = await emulated({ stateFile: other });
    expect(emulator.port).toBeGreaterThan(0);
    let now = await second.testHelpers.testClocks.retrieve(clock.id);
    for (let i = 0; now.status !== 'ready' && i < 500; i += 1)
      now = await second.testHelpers.testClocks.retrieve(clock.id);
    expect(now).toMatchObject({ status: 'ready', frozen_time: 1_700_009_000 });
  });

  it('leaves out a last line that a crash cut off, and goes on', async () => {
    const stateFile = join(folder, 'stripe.json');
    const first = await startStripeEmulator({ stateFile });
    const kept = await clientOf(first).customers.create({ name: 'kept' });
    await first.close();
    await appendFile(stateFile, '{"put":"customers","row":{"id":"cus_cut","obj');
    const { stripe } = await emulated({ stateFile });
    expect((await stripe.customers.list()).data.map((one) => one.id)).toEqual([kept.id]);
    await stripe.customers.create({ name: 'next' });
    const { stripe: again } = await emulated({ stateFile });
    expect((await again.customers.list()).data.map((one) => one.name)).toEqual(['next', 'kept']);
  });

  it('of another format is refused', async () => {
    const stateFile = join(folder, 'stripe.json');
    await writeFile(stateFile, '{"format":99}\n');
    await expect(startStripeEmulator({ stateFile })).rejects.toThrow('format 99');
  });
});

describe('the process', () => {
  const main = join(import.meta.dirname, '../dist/main.js');
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0))
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  });

  async function started(...args: string[]) {
    const child = fork(main, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    children.push(child);
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout?.once('data', (data: Buffer) => resolve(data.toString()));
      child.once('exit', (code) => reject(new Error(`exited with ${code}`)));
    });
    const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    return { child, exited, ready: JSON.parse(line) as { ready: boolean; url: string } };
  }

  it('says where it listens, keeps its state over SIGTERM and SIGKILL, and ends with its parent', async () => {
    const file = join(folder, 'stripe.json');
    const one = await started('--state-file', file);
    expect(one.ready.ready).toBe(true);
    const { hostname, port } = new URL(one.ready.url);
    const stripe = clientOf({ host: hostname, port: Number(port) });
    const customer = await stripe.customers.create({ name: 'A' });
    one.child.kill('SIGKILL');
    await one.exited;

    const two = await started('--state-file', file, '--port', port);
    expect(two.ready.url).toBe(one.ready.url);
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ name: 'A' });
    two.child.kill('SIGTERM');
    expect(await two.exited).toBe(0);

    const three = await started('--state-file', file);
    three.child.disconnect();
    expect(await three.exited).toBe(0);
  });

  it('refuses flags that make no sense', async () => {
    await expect(started('--port', 'x')).rejects.toThrow('exited with 2');
    await expect(started('--webhook-url', 'http://127.0.0.1:1')).rejects.toThrow('exited with 2');
  });
});
