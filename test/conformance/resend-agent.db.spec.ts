import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Test, type TestingModule } from '@nestjs/testing';
import { PlatformModule } from '@throughline/platform';
import { AskForGaps, Gaps, LookForGaps, NoteLost, TelemetryModule } from '@throughline/telemetry';
import { DeviceAgent, DurableJournal, Journal, makeIdentity } from '../../apps/device/src/index.js';
import { type World, world } from '../../apps/gateway/test/world.js';

let w: World;
let app: TestingModule;
const agents: DeviceAgent[] = [];
beforeAll(async () => {
  w = await world();
  app = await Test.createTestingModule({
    imports: [PlatformModule.forRoot(w.config, w.clock), TelemetryModule],
  }).compile();
  await app.init();
});
afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.close({ drainMs: 0 })));
});
afterAll(async () => {
  await app.close();
  await w.close();
});

const message = (seq: number, boot = 1) => ({ ts: w.now - 60_000 + seq, boot, seq, m: { state: 2 } });

/** What the worker does: looks, asks, and notes what gateways published. */
async function watch(aheadMs = 0): Promise<void> {
  w.clock.advance(aheadMs);
  for (const told of await w.events('telemetry.lost'))
    await app.get(NoteLost).run(told as unknown as Parameters<NoteLost['run']>[0]);
  await w.rows("delete from outbox where name = 'telemetry.lost'");
  await app.get(LookForGaps).run();
  await app.get(AskForGaps).run();
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 30_000; !(await holds()); await sleep(50))
    if (performance.now() > end) throw new Error('it did not come about within 30 s');
}

/** The agent on the gateway's plain listener. It does not send again by itself within the test. */
function agentFor(thing: string, journal: Journal, boot = 1): DeviceAgent {
  const { hostname: host, port } = new URL(w.mqttUrl);
  const identity = makeIdentity(thing, { host, port: Number(port) });
  const agent = new DeviceAgent({ identity, journal, boot, recommitMs: 600_000, tellLostMs: 100, now: () => w.now });
  agents.push(agent);
  return agent;
}

describe('the agent and the gateway', () => {
  it('close a gap: what was lost on the way is asked for, sent again, stored and committed', async () => {
    const { assetId } = await w.installed('drops');
    const journal = new Journal();
    const agent = agentFor('drops', journal);
    agent.start();
    await agent.whenConnected();
    for (const seq of [1, 2, 3]) agent.deliver(message(seq));
    await until(() => journal.counts.waiting + journal.counts.inflight === 0);
    // As with a broker that acknowledges and then forgets: 4 to 6 and 9 never get to us.
    for (const seq of [4, 5, 6, 9]) {
      journal.append(message(seq));
      journal.acknowledge(journal.claim(1, 10_000));
      if (seq === 6) for (const next of [7, 8]) agent.deliver(message(next));
      await until(() => journal.counts.waiting + journal.counts.inflight === 0);
    }
    agent.deliver(message(10));
    await until(async () => (await w.stored('drops')).length === 6 && agent.stats.committed?.seq === 3);
    expect(journal.size).toBe(7);
    expect((await w.stored('drops')).map(({ seq }) => seq)).toEqual([1, 2, 3, 7, 8, 10]);
    await until(async () => {
      await watch(6_000);
      return journal.size === 0;
    });
    expect((await w.stored('drops')).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(agent.stats.committed).toEqual({ boot: 1, seq: 10 });
    const figures = await app.get(Gaps).completeness(assetId, { from: w.now - 60_000, to: w.now });
    expect(figures).toMatchObject({ received: 10, missing: 0, lost: 0, provable: true });
  });

  it('go on past what a full journal gave up: it is lost, and the journal empties', async () => {
    const { assetId } = await w.installed('overflows');
    const folder = await mkdtemp(join(tmpdir(), 'overflow-'));
    const file = join(folder, 'journal.sqlite');
    const before = DurableJournal.open(file, { limit: 5 });
    for (let seq = 1; seq <= 12; seq += 1) before.append(message(seq));
    expect(before.lost).toEqual([{ boot: 1, ranges: [[1, 7]] }]);
    before.close();
    // The process ends here; the next start knows what is left and what is lost.
    const journal = DurableJournal.open(file, { limit: 5 });
    const agent = agentFor('overflows', journal, 2);
    agent.start();
    await until(async () => {
      await watch(6_000);
      return journal.size === 0;
    });
    expect((await w.stored('overflows')).map(({ seq }) => seq)).toEqual([8, 9, 10, 11, 12]);
    agent.report({ ts: w.now - 10, m: { state: 2 } });
    await until(() => journal.size === 0);
    expect(agent.stats.committed).toEqual({ boot: 2, seq: 1 });
    expect(journal.lost).toEqual([]);
    expect(await app.get(Gaps).completeness(assetId, { from: w.now - 60_000, to: w.now })).toMatchObject({
      ...{ received: 6, missing: 7, lost: 7 },
    });
    await agent.close({ drainMs: 0 });
    journal.close();
    await rm(folder, { recursive: true });
  });

  it('go on past what the agent does not have any more, when it is asked for it', async () => {
    await w.installed('forgets');
    const journal = new Journal();
    const agent = agentFor('forgets', journal, 2);
    // Of boot 1 some arrived before the process ended with its journal in memory.
    for (const seq of [1, 2, 6]) agent.deliver(message(seq));
    agent.start();
    await until(async () => {
      await watch(6_000);
      return journal.size === 0;
    });
    expect(agent.stats.committed).toEqual({ boot: 1, seq: 6 });
    const states = await w.rows<{ state: string; reason: string }>(
      `select r.state, r.reason from missing_range r join device d on d.id = r.device_id where d.thing_name = 'forgets'`,
    );
    expect(states).toEqual([{ state: 'lost', reason: 'told' }]);
  });
});
