import { makeAuthority, type TestAuthority } from '../../test/authority.js';
import { TestBroker, type TestBrokerOptions } from '../../test/broker.js';
import { DeviceAgent, type DeviceAgentOptions } from './device-agent.js';
import { makeIdentity } from './identity.js';
import { Journal, JournalFullError } from './journal.js';

const START = Date.UTC(2026, 0, 5);
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('DeviceAgent on a broker', () => {
  const open: { close(options?: { drainMs?: number; committedMs?: number }): Promise<unknown> }[] = [];
  const brokers: TestBroker[] = [];
  let authority: TestAuthority;

  beforeAll(async () => {
    authority = await makeAuthority();
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((agent) => agent.close({ drainMs: 0 })));
    await Promise.all(brokers.splice(0).map((broker) => broker.stop()));
  });

  async function setUp(options: TestBrokerOptions = {}) {
    const broker = await TestBroker.start(options);
    brokers.push(broker);
    return broker;
  }

  function agentFor(port: number, options: Partial<DeviceAgentOptions> = {}): DeviceAgent {
    const identity = makeIdentity('rx90-1', { host: '127.0.0.1', port });
    const agent = new DeviceAgent({ identity, batch: 1, connection: { reconnectMinMs: 300 }, ...options });
    open.push(agent);
    return agent;
  }

  function report(agent: DeviceAgent, count: number): void {
    for (let i = 0; i < count; i += 1) agent.report({ ts: START + agent.stats.seq * 1000, m: { state: 2 } });
  }

  /** Waits for a condition that the broker's side shows. */
  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  it('sends numbered messages in order, as thing name, and forgets what is committed', async () => {
    const broker = await setUp();
    const agent = agentFor(broker.port);
    report(agent, 3);
    agent.event({ ts: START + 2500, type: 'fault_raised', code: 'E42', detail: 'oil temperature high' });
    agent.start();
    report(agent, 200);
    await agent.whenCommitted();
    expect(broker.logins).toEqual([{ client: 'rx90-1', username: 'rx90-1', commonName: undefined }]);
    expect(broker.sequence).toEqual(numbers(1, 203));
    expect(broker.received[3]).toMatchObject({
      topic: 'dt/rx90-1/event',
      message: { ts: START + 2500, boot: 1, type: 'fault_raised', code: 'E42', detail: 'oil temperature high' },
    });
    expect(broker.received[0]).toMatchObject({
      topic: 'dt/rx90-1/telemetry',
      message: { ts: START, boot: 1, seq: 1, m: { state: 2 } },
    });
    expect(agent.stats.journal).toEqual({ waiting: 0, inflight: 0, acknowledged: 0, lost: 0 });
    expect(agent.stats.committed).toEqual({ boot: 1, seq: 203 });
  });

  it('speaks TLS with its certificate, by name and by address', async () => {
    const broker = await setUp({ tls: authority });
    for (const [host, thing] of [
      ['localhost', 'rx90-tls'],
      ['127.0.0.1', 'rx90-ip'],
    ] as const) {
      const identity = makeIdentity(thing, { host, port: broker.port, tls: await authority.issue(thing) });
      const agent = new DeviceAgent({ identity });
      open.push(agent);
      agent.start();
      report(agent, 5);
      await agent.whenCommitted();
      expect(broker.logins.at(-1)).toEqual({ client: thing, username: undefined, commonName: thing });
    }
    expect(broker.sequence).toEqual([...numbers(1, 5), ...numbers(1, 5)]);
  });

  // The TLS library answers a bad certificate with a pause of 10 to 30 seconds, so that nothing is learnt from its timing.
  it('does not talk to a server of another authority', async () => {
    const broker = await setUp({ tls: authority });
    const other = await makeAuthority();
    const reasons: unknown[] = [];
    const identity = makeIdentity('rx90-1', { host: 'localhost', port: broker.port, tls: await other.issue('rx90-1') });
    const agent = new DeviceAgent({ identity, log: (_level, what, fields) => reasons.push([what, fields.reason]) });
    open.push(agent);
    agent.start();
    report(agent, 1);
    await until(() => reasons.length > 0);
    expect(reasons[0]).toEqual(['connection lost', expect.stringContaining('TLS')]);
    expect(broker.logins).toEqual([]);
    expect(agent.stats.journal.waiting).toBe(1);
  }, 90_000);

  it('never has more publishes without PUBACK than its window', async () => {
    const broker = await setUp();
    broker.holding = true;
    const agent = agentFor(broker.port, { window: 7 });
    agent.start();
    report(agent, 100);
    await until(() => broker.heldPubacks === 7);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(broker.sequence).toEqual(numbers(1, 7));
    expect(agent.stats.journal).toMatchObject({ inflight: 7, waiting: 93 });
    broker.release();
    await agent.whenCommitted();
    expect(broker.mostHeld).toBe(7);
    expect(broker.sequence).toEqual(numbers(1, 100));
  });

  it('sends several waiting messages in one publish, events between them in their place', async () => {
    const broker = await setUp();
    const agent = agentFor(broker.port, { batch: 25 });
    report(agent, 30);
    agent.event({ ts: START, type: 'operator_stop' });
    report(agent, 10);
    agent.start();
    await agent.whenCommitted();
    expect(broker.received.map((one) => one.publish)).toEqual([
      ...Array(25).fill(1),
      ...Array(5).fill(2),
      3,
      ...Array(10).fill(4),
    ]);
    expect(broker.sequence).toEqual(numbers(1, 40));
  });

  it('sends again after a break exactly what was not committed, in order', async () => {
    const broker = await setUp();
    const agent = agentFor(broker.port, { window: 10 });
    agent.start();
    report(agent, 20);
    await agent.whenCommitted();
    broker.holding = true;
    report(agent, 30);
    await until(() => broker.heldPubacks === 10);
    broker.holding = false;
    broker.cut();
    await agent.whenCommitted();
    expect(broker.sequence).toEqual([...numbers(1, 30), ...numbers(21, 50)]);
    expect(agent.stats.sent).toBe(60);
  });

  it('sends again what was acknowledged but never said to be committed', async () => {
    const broker = await setUp({ commits: false });
    const agent = agentFor(broker.port);
    agent.start();
    report(agent, 10);
    await agent.whenAcknowledged();
    broker.say('rx90-1', JSON.stringify({ boot: 1, seq: 4 }));
    await until(() => agent.stats.journal.acknowledged === 6);
    broker.cut();
    broker.commits = true;
    await agent.whenCommitted();
    expect(broker.sequence).toEqual([...numbers(1, 10), ...numbers(5, 10)]);
  });

  it('sends the rest once more when no commit comes for long on a connection that holds', async () => {
    const broker = await setUp({ commits: false });
    const agent = agentFor(broker.port, { recommitMs: 50 });
    agent.start();
    report(agent, 3);
    await until(() => broker.sequence.length >= 6);
    broker.commits = true;
    await agent.whenCommitted();
    expect(broker.logins).toHaveLength(1);
    expect(broker.sequence.slice(0, 6)).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it('is not led astray by a commit that is unreadable, old or of another boot', async () => {
    const broker = await setUp({ commits: false });
    const agent = agentFor(broker.port, { boot: 3 });
    agent.start();
    report(agent, 5);
    await agent.whenAcknowledged();
    for (const payload of [
      '',
      'null',
      '{"boot":3}',
      '{"boot":2,"seq":5}',
      '[]',
      '{"boot":3,"seq":"5"}',
      '{"boot":3,"seq":0}',
    ])
      broker.say('rx90-1', payload);
    broker.say('rx90-1', '{"boot":3,"seq":1}');
    await until(() => agent.stats.journal.acknowledged === 4);
    broker.say('rx90-1', '{"boot":3,"seq":5}');
    await agent.whenCommitted();
  });

  it('keeps journalling without network and delivers afterwards', async () => {
    const broker = await setUp();
    const agent = agentFor(broker.port);
    agent.start();
    report(agent, 5);
    await agent.whenCommitted();
    await agent.goOffline();
    report(agent, 50);
    agent.event({ ts: START, type: 'operator_stop' });
    expect(agent.stats).toMatchObject({ connected: false, offline: true, journal: { waiting: 51 } });
    expect(broker.sequence).toEqual(numbers(1, 5));
    agent.goOnline();
    await agent.whenCommitted();
    expect(broker.sequence).toEqual(numbers(1, 55));
    expect(broker.logins).toHaveLength(2);
  });

  it('waits for a broker that is not there yet and outlives one that goes', async () => {
    const first = await TestBroker.start();
    const { port } = first;
    await first.stop();
    const agent = agentFor(port);
    agent.start();
    report(agent, 3);
    const second = await TestBroker.start({ port });
    await agent.whenCommitted();
    await second.stop();
    report(agent, 3);
    const third = await setUp({ port });
    await agent.whenAcknowledged();
    expect(second.sequence).toEqual([1, 2, 3]);
    expect(third.sequence).toEqual([4, 5, 6]);
  });

  it('begins a new boot with seq 1 and still delivers the old one', async () => {
    const broker = await setUp();
    const agent = agentFor(broker.port);
    report(agent, 2);
    agent.reboot(START + 5000, 'watchdog');
    report(agent, 2);
    agent.start();
    await until(() => broker.received.length === 5);
    expect(broker.received.map(({ message }) => ('seq' in message ? [message.boot, message.seq] : message))).toEqual([
      [1, 1],
      [1, 2],
      { ts: START + 5000, boot: 2, type: 'reboot', detail: 'watchdog' },
      [2, 1],
      [2, 2],
    ]);
    expect(() => agent.reboot(START, 'again', 2)).toThrow('boot: 2 must be greater than 2');
  });

  it('drains before it closes and says that nothing is left', async () => {
    const broker = await setUp();
    const agent = agentFor(broker.port, { window: 3 });
    agent.start();
    report(agent, 300);
    const left = await agent.close();
    expect(left).toEqual({ waiting: 0, inflight: 0, acknowledged: 0, lost: 0 });
    expect(broker.sequence).toEqual(numbers(1, 300));
    expect(() => report(agent, 1)).toThrow('closed');
  });

  it('closes in time when the broker is gone and says what is left', async () => {
    const broker = await TestBroker.start();
    const agent = agentFor(broker.port);
    agent.start();
    await agent.whenConnected();
    await broker.stop();
    report(agent, 4);
    const left = await agent.close({ drainMs: 50 });
    expect(left.waiting + left.inflight).toBe(4);
  });

  it('refuses what cannot be sent without using a sequence number', () => {
    const agent = agentFor(1, { journal: new Journal({ limit: 2, overflow: 'reject' }) });
    expect(() => agent.report({ ts: START, m: { pressure_bar: Number.NaN } })).toThrow('m.pressure_bar: NaN');
    expect(() => agent.report({ ts: 1.5, m: {} })).toThrow('ts: 1.5');
    expect(() => agent.event({ ts: START, type: '' })).toThrow('type');
    expect(() => agent.deliver({ ts: START, boot: 0, seq: 1, m: {} })).toThrow('boot: 0');
    report(agent, 2);
    expect(() => report(agent, 1)).toThrow(JournalFullError);
    expect(agent.stats.seq).toBe(2);
  });

  it('lets a sender wait for room', async () => {
    const broker = await setUp();
    const agent = agentFor(broker.port, { journal: new Journal({ limit: 10, overflow: 'reject' }) });
    agent.start();
    for (let i = 0; i < 200; i += 1) {
      await agent.whenRoom();
      report(agent, 1);
    }
    await agent.whenCommitted();
    expect(broker.sequence).toEqual(numbers(1, 200));
  });

  it('serves many agents in one process', async () => {
    const broker = await setUp();
    const agents = numbers(1, 60).map((n) => {
      const identity = makeIdentity(`rx90-${n}`, { host: '127.0.0.1', port: broker.port });
      return new DeviceAgent({ identity });
    });
    open.push(...agents);
    for (const agent of agents) {
      agent.start();
      report(agent, 3);
    }
    await Promise.all(agents.map((agent) => agent.whenCommitted()));
    expect(new Set(broker.logins.map((login) => login.client)).size).toBe(60);
    expect(broker.received).toHaveLength(180);
  });
});
