import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import pg from 'pg';
import { type RunningGateway, startGateway } from '../load/support/gateway.mjs';
import { makeWorld, type World } from '../load/support/world.mjs';
import { random } from './support/random.js';

const DEVICES = 20;
const KILLS = 10;
const WINDOW = 40;
/** The seed of the moments of the kills; printed, so that a failure can be repeated as far as processes can be. */
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** A device that numbers its messages, sends what was not acknowledged again after each loss, and remembers what it was told. */
class Device {
  readonly sent = new Set<number>();
  readonly acknowledged = new Set<number>();
  committed = 0;
  private next = 1;
  private running = true;

  constructor(
    readonly thing: string,
    private readonly url: () => string,
    private readonly onCommitted: (seq: number) => void,
  ) {}

  async run(): Promise<void> {
    while (this.running) {
      try {
        await this.connection();
      } catch {
        // The gateway is down: what counts is what it said before.
        await sleep(20);
      }
    }
  }

  stop(): void {
    this.running = false;
  }

  private async connection(): Promise<void> {
    const client = await connectAsync(
      this.url(),
      { clientId: this.thing, protocolVersion: 4, reconnectPeriod: 0 },
      false,
    );
    client.on('error', () => undefined);
    client.on('message', (_topic, payload) => {
      this.committed = (JSON.parse(payload.toString()) as { seq: number }).seq;
      this.onCommitted(this.committed);
    });
    await client.subscribeAsync(`cmd/${this.thing}/telemetry/committed`);
    const usable = (): boolean => this.running && client.connected && !client.disconnecting;
    let waiting = 0;
    const send = (seq: number): void => {
      this.sent.add(seq);
      waiting += 1;
      client.publish(`dt/${this.thing}/telemetry`, JSON.stringify(messageOf(seq)), { qos: 1 }, (error) => {
        waiting -= 1;
        if (!error) this.acknowledged.add(seq);
      });
    };
    for (const seq of this.sent) if (!this.acknowledged.has(seq)) send(seq);
    while (usable()) {
      while (waiting < WINDOW && usable()) send(this.next++);
      await sleep(5);
    }
    await client.endAsync(true);
  }
}

const started = Date.now();
const messageOf = (seq: number) => ({
  ts: started - 3_600_000 + seq,
  boot: 1,
  seq,
  m: { pressure_bar: seq % 16, output_m3: seq },
});

describe('the gateway killed under load', () => {
  let world: World;
  let dataDir: string;
  let client: pg.Client;
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'throughline-crash-'));
    // Its own PostgreSQL with fsync on.
    world = await makeWorld({ devices: DEVICES });
    client = new pg.Client({ connectionString: world.url });
    await client.connect();
    await client.query("select set_config('app.all', 'on', false)");
  }, 60_000);
  afterAll(async () => {
    await client.end();
    await world.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it(`has stored every acknowledged message exactly once, ten kills long (seed ${seed})`, async () => {
    const dice = random(seed);
    let gateway: RunningGateway = await startGateway({ databaseUrl: world.url, dataDir });
    const ahead: string[] = [];
    const checks: Promise<void>[] = [];
    const devices = Array.from({ length: DEVICES }, (_, i) => {
      const thing = `bench-${i + 1}`;
      const check = async (seq: number): Promise<void> => {
        const { rows } = await client.query<{ n: number }>(
          `select count(*)::int as n from message m join device d on d.id = m.device_id
           where d.thing_name = $1 and boot = 1 and seq between 1 and $2`,
          [thing, seq],
        );
        if (rows[0]?.n !== seq) ahead.push(`${thing} was told ${seq}, stored were ${rows[0]?.n}`);
      };
      return new Device(
        thing,
        () => gateway.mqttUrl,
        (seq) => checks.push(check(seq)),
      );
    });
    const running = devices.map((device) => device.run());

    for (let kill = 0; kill < KILLS; kill += 1) {
      await sleep(150 + dice() * 700);
      await gateway.kill();
      const { rows } = await client.query(
        'select device_id, boot, seq, count(*) from message group by 1, 2, 3 having count(*) > 1',
      );
      expect(rows).toEqual([]);
      gateway = await startGateway({ databaseUrl: world.url, dataDir });
    }
    const acknowledgedBefore = devices.reduce((sum, d) => sum + d.acknowledged.size, 0);
    // Until all have been told of what is stored, however busy the machine is.
    for (let i = 0; i < 300 && (i < 15 || checks.length <= DEVICES); i += 1) await sleep(100);
    for (const device of devices) device.stop();
    await Promise.all(running);
    await gateway.stop();
    await Promise.all(checks);

    const { rows } = await client.query<{ thing_name: string; seq: number; ts: Date; values: number[] }>(
      `select d.thing_name, m.seq::float8 as seq, m.ts, m."values" from message m join device d on d.id = m.device_id where boot = 1`,
    );
    const stored = new Map(devices.map((device) => [device.thing, new Map<number, { ts: Date; values: number[] }>()]));
    for (const row of rows) stored.get(row.thing_name)?.set(row.seq, row);
    for (const { thing, sent, acknowledged } of devices) {
      const own = stored.get(thing) ?? new Map();
      expect([...acknowledged].filter((seq) => !own.has(seq))).toEqual([]);
      expect([...own.keys()].filter((seq) => !sent.has(seq))).toEqual([]);
      for (const [seq, { ts, values }] of own)
        expect([ts.getTime(), values[0], values[5]]).toEqual([messageOf(seq).ts, seq % 16, seq]);
    }
    expect(rows).toHaveLength([...stored.values()].reduce((sum, own) => sum + own.size, 0));
    expect(ahead).toEqual([]);
    expect(checks.length).toBeGreaterThan(DEVICES);
    expect(acknowledgedBefore).toBeGreaterThan(DEVICES * KILLS);
    // What is written behind the messages has caught up with them, and is not ahead.
    const behind = await client.query(
      `select d.thing_name, l.seq, p.contiguous_seq, p.highest_seq, m.highest from device d join latest_reading l on l.device_id = d.id
       join boot_progress p on p.device_id = d.id
       cross join lateral (select max(seq) as highest from message where device_id = d.id and boot = 1) m
       where l.seq <> m.highest or p.highest_seq <> m.highest or p.contiguous_seq > m.highest`,
    );
    expect(behind.rows).toEqual([]);
    const { rows: open } = await client.query('select 1 from presence_interval where disconnected_at is null');
    expect(open).toEqual([]);
    const { rows: aside } = await client.query('select reason from quarantined_message');
    expect(aside).toEqual([]);
  }, 180_000);
});
