import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Compressor } from '../../simulator/compressor.js';
import { selfTestOf } from '../../simulator/self-test.js';
import { loadSettings, storeSettings } from '../settings.js';
import { builtInCommands } from './built-in.js';
import type { CommandEnd, CommandHandlers } from './command.js';
import { CommandAgent } from './command-agent.js';
import { CommandJournal } from './command-journal.js';

const PREFIX = '$aws/commands/things/t/executions/';
const quiet = () => undefined;

interface Said {
  id: string;
  status: string;
  statusReason?: { reasonCode: string; reasonDescription?: string };
  result?: Record<string, { s?: string; b?: boolean }>;
}

/** An agent with what it said and subscribed to, and a server that confirms when told to. */
class Bench {
  readonly said: Said[] = [];
  readonly subscribed: string[] = [];
  boot = 1;
  agent: CommandAgent;

  constructor(
    private readonly handlers: CommandHandlers,
    private readonly journal = new CommandJournal(),
  ) {
    this.agent = this.fresh();
  }

  fresh(): CommandAgent {
    this.agent = new CommandAgent('t', () => this.boot, quiet, { handlers: this.handlers, journal: this.journal });
    return this.agent;
  }

  up(): Promise<void> {
    return this.agent.up({
      subscribe: async (topic) => void this.subscribed.push(topic),
      publish: async (topic, payload) => {
        const [id = ''] = topic.slice(PREFIX.length).split('/');
        this.said.push({ id, ...(JSON.parse(payload) as Omit<Said, 'id'>) });
      },
    });
  }

  request(id: string, body: unknown): void {
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    expect(this.agent.received(`${PREFIX}${id}/request/json`, payload)).toBe(true);
  }

  verdict(id: string, verdict: 'accepted' | 'rejected', body: object = {}): void {
    this.agent.received(`${PREFIX}${id}/response/${verdict}/json`, JSON.stringify({ executionId: id, ...body }));
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  async says(count: number): Promise<Said[]> {
    await this.until(() => this.said.length >= count);
    return this.said;
  }
}

describe('the agent’s commands', () => {
  const calls: string[] = [];
  const done: CommandEnd = { status: 'SUCCEEDED', result: { ok: true } };
  const handlers: CommandHandlers = {
    note: async ({ executionId, progress, log }) => {
      calls.push(executionId);
      log('one');
      progress(50, 'half');
      log('two');
      return done;
    },
    fail: async () => {
      throw new Error('no valve');
    },
  };
  beforeEach(() => calls.splice(0));

  it('listen for verdicts before requests, run one, and tell progress, log and result', async () => {
    const bench = new Bench(handlers);
    await bench.up();
    expect(bench.subscribed).toEqual([
      `${PREFIX}+/response/accepted/json`,
      `${PREFIX}+/response/rejected/json`,
      `${PREFIX}+/request/json`,
    ]);
    bench.request('a', { command: 'note' });
    expect(await bench.says(2)).toEqual([
      {
        id: 'a',
        status: 'IN_PROGRESS',
        statusReason: { reasonCode: 'PROGRESS', reasonDescription: 'half' },
        result: { percent: { s: '50' }, step: { s: 'half' }, log: { s: 'one' } },
      },
      { id: 'a', status: 'SUCCEEDED', result: { ok: { b: true }, log: { s: 'one\ntwo' } } },
    ]);
    expect(bench.agent.received('cmd/t/telemetry/committed', '{}')).toBe(false);
  });

  it.each([
    ['{', 'BAD_REQUEST'],
    ['null', 'BAD_REQUEST'],
    [{ command: 'note', arguments: [] }, 'BAD_REQUEST'],
    [{ command: 'toString' }, 'UNKNOWN_COMMAND'],
    [{ command: 'explode' }, 'UNKNOWN_COMMAND'],
  ])('refuse %j', async (body, reasonCode) => {
    const bench = new Bench(handlers);
    await bench.up();
    bench.request('a', body);
    expect(await bench.says(1)).toMatchObject([{ status: 'REJECTED', statusReason: { reasonCode } }]);
  });

  it('say why one failed', async () => {
    const bench = new Bench(handlers);
    await bench.up();
    bench.request('a', { command: 'fail' });
    expect(await bench.says(1)).toEqual([
      { id: 'a', status: 'FAILED', statusReason: { reasonCode: 'ERROR', reasonDescription: 'no valve' } },
    ]);
  });

  it('run a request that comes again only once, and answer it again until it is confirmed', async () => {
    const bench = new Bench(handlers);
    await bench.up();
    bench.request('a', { command: 'note' });
    bench.request('a', { command: 'note' });
    await bench.says(2);
    bench.request('a', { command: 'note' });
    expect((await bench.says(3)).map(({ status }) => status)).toEqual(['IN_PROGRESS', 'SUCCEEDED', 'SUCCEEDED']);
    expect(calls).toEqual(['a']);
    bench.agent.down();
    await bench.up();
    expect((await bench.says(4))[3]?.status).toBe('SUCCEEDED');
    bench.verdict('a', 'accepted');
    bench.agent.down();
    await bench.up();
    expect(bench.said).toHaveLength(4);
  });

  it('take the confirmation of progress for no more than that, and a final refusal as the end', async () => {
    const bench = new Bench(handlers);
    await bench.up();
    bench.request('a', { command: 'note' });
    await bench.says(2);
    bench.verdict('a', 'accepted');
    bench.agent.down();
    await bench.up();
    expect(bench.said).toHaveLength(3);
    bench.verdict('a', 'rejected', { error: 'InvalidStateTransition' });
    bench.agent.down();
    await bench.up();
    expect(bench.said).toHaveLength(3);
  });

  it('refuse more than can wait', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const bench = new Bench({ hold: () => held.then(() => done) });
    await bench.up();
    for (let i = 0; i < 21; i += 1) bench.request(`e${i}`, { command: 'hold' });
    expect(await bench.says(1)).toMatchObject([{ id: 'e20', statusReason: { reasonCode: 'BUSY' } }]);
    release();
    expect(await bench.says(21)).toHaveLength(21);
  });

  describe('with a folder', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'commands-'));
    });
    afterEach(() => rm(folder, { recursive: true }));

    it('know after a restart what ran before: it does not run again, and what was cut off is said', async () => {
      const before = new Bench(
        { ...handlers, hang: () => new Promise(() => undefined) },
        await CommandJournal.load(folder),
      );
      await before.up();
      before.request('a', { command: 'note' });
      await before.says(2);
      before.request('b', { command: 'hang' });
      await before.until(() => before.agent !== undefined);
      const journal = async () => (await CommandJournal.load(folder)).open.map(({ id }) => id);
      while ((await journal()).length < 2) await new Promise((resolve) => setTimeout(resolve, 5));

      const after = new Bench(handlers, await CommandJournal.load(folder));
      after.boot = 2;
      await after.up();
      expect(await after.says(2)).toMatchObject([
        { id: 'a', status: 'SUCCEEDED' },
        { id: 'b', status: 'FAILED', statusReason: { reasonCode: 'INTERRUPTED' } },
      ]);
      after.request('a', { command: 'note' });
      await after.says(3);
      expect(calls).toEqual(['a']);
    });

    it('answer a restart with the next boot, whether this process or the next one begins it', async () => {
      const restarts: string[] = [];
      const bench = new Bench(
        { restart: async () => ({ restart: async () => void restarts.push('now') }) },
        await CommandJournal.load(folder),
      );
      await bench.up();
      bench.request('a', { command: 'restart' });
      await bench.until(() => restarts.length === 1);
      expect(bench.said).toMatchObject([{ status: 'IN_PROGRESS', statusReason: { reasonCode: 'RESTARTING' } }]);
      const next = new Bench({}, await CommandJournal.load(folder));
      next.boot = 2;
      await next.up();
      expect(await next.says(1)).toEqual([{ id: 'a', status: 'SUCCEEDED', result: { boot: { s: '2' } } }]);
      bench.boot = 2;
      await bench.up();
      expect((await bench.says(2))[1]?.status).toBe('SUCCEEDED');
    });

    it('do not start on a journal that is damaged, and keep settings', async () => {
      await writeFile(join(folder, 'commands.json'), '[{');
      await expect(CommandJournal.load(folder)).rejects.toThrow('commands.json: is no journal of commands');
      expect(await loadSettings(folder)).toEqual({});
      await storeSettings(folder, { reportIntervalSeconds: 5 });
      expect(await loadSettings(folder)).toEqual({ reportIntervalSeconds: 5 });
      await writeFile(join(folder, 'settings.json'), '{"reportIntervalSeconds":"x"}');
      await expect(loadSettings(folder)).rejects.toThrow('reportIntervalSeconds is "x"');
    });
  });
});

describe('built-in commands', () => {
  const at = Date.UTC(2026, 0, 7, 10);
  const test = (fault: boolean, connected = true) => {
    const interruptions = fault ? [{ kind: 'fault', from: at - 60_000, to: at + 60_000 } as const] : [];
    return selfTestOf(
      {
        machine: new Compressor({ seed: 7, interruptions }),
        now: () => at,
        network: () => ({ connected, waiting: 0, lost: 0 }),
      },
      0,
    );
  };
  const call = (args: object = {}) => {
    const told: unknown[] = [];
    return {
      told,
      call: {
        executionId: 'x',
        arguments: { ...args },
        progress: (percent: number, step: string) => void told.push([percent, step]),
        log: (line: string) => void told.push(line),
      },
    };
  };

  it('test the machine, and find its fault', async () => {
    const { call: one, told } = call();
    expect(await test(false)(one)).toEqual({
      status: 'SUCCEEDED',
      result: { outcome: 'pass', pressure_sensor: 'pass', motor: 'pass', valve: 'pass', network: 'pass' },
    });
    expect(told.filter(Array.isArray)).toEqual([
      [0, 'pressure_sensor'],
      [25, 'motor'],
      [50, 'valve'],
      [75, 'network'],
    ]);
    expect(await test(true)(call().call)).toMatchObject({ result: { outcome: 'fail', motor: 'fail', valve: 'pass' } });
    expect(await test(false, false)(call().call)).toMatchObject({ result: { outcome: 'fail', network: 'fail' } });
  });

  it('set the interval within its bounds', async () => {
    const set: number[] = [];
    const commands = builtInCommands({
      restart: async () => undefined,
      setReportInterval: async (seconds) => void set.push(seconds),
      selfTest: test(false),
    });
    const run = (seconds: unknown) => commands['set-report-interval']?.(call({ seconds }).call);
    for (const seconds of [1, 3_600]) expect(await run(seconds)).toMatchObject({ status: 'SUCCEEDED' });
    for (const seconds of [0, 3_601, 1.5, '5', undefined])
      expect(await run(seconds)).toMatchObject({ status: 'REJECTED' });
    expect(set).toEqual([1, 3_600]);
  });
});
