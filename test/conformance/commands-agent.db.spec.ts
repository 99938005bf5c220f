import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  DiagnosticRuns,
  DiagnosticsModule,
  type Execution,
  Executions,
  RegisterCommand,
  SendCommand,
  StartDiagnosticRuns,
} from '@throughline/diagnostics';
import { CreateAsset, CreateDevice, InstallDevice, IssueDeviceCertificate, RegisterModel } from '@throughline/fleet';
import { newId } from '@throughline/kernel';
import { Database, everyCustomer, PlatformModule } from '@throughline/platform';
import { RegisterSchema, TelemetryModule } from '@throughline/telemetry';
import { compressor } from '../../apps/cli/src/demo/catalogue.js';
import { Gateway } from '../../apps/gateway/src/gateway.js';
import { GatewayModule } from '../../apps/gateway/src/gateway.module.js';
import { freshDatabase, testConfig } from '../support/database.js';

/** The agent as `npm start` runs it, on the real SDK, in a process of its own. */
class Agent {
  readonly lines: string[] = [];
  private child: ReturnType<typeof spawn> | undefined;

  constructor(private readonly folder: string) {}

  async start(): Promise<void> {
    const main = join(import.meta.dirname, '../../apps/device/dist/main.js');
    const child = spawn(process.execPath, [main, 'run', '--identity', this.folder], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: { PATH: process.env.PATH },
    });
    this.child = child;
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => this.lines.push(line));
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve());
      child.once('exit', (code) => reject(new Error(`the agent ended with ${code}:\n${this.lines.join('\n')}`)));
    });
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  read(file: string): unknown {
    return JSON.parse(readFileSync(join(this.folder, file), 'utf8'));
  }
}

describe('the agent on the device SDK', () => {
  let drop: () => Promise<void>;
  let gateway: TestingModule;
  let app: TestingModule;
  let folder: string;
  let modelId: string;
  let siteId: string;
  let mqttsUrl: URL;
  const agents: Agent[] = [];

  beforeAll(async () => {
    const fresh = await freshDatabase();
    drop = fresh.drop;
    const config = testConfig(fresh.url);
    folder = mkdtempSync(join(tmpdir(), 'throughline-agents-'));
    app = await Test.createTestingModule({
      imports: [PlatformModule.forRoot(config), TelemetryModule, DiagnosticsModule],
    }).compile();
    await app.init();
    const customer = newId();
    siteId = newId();
    await app.get(Database).transaction(everyCustomer, async (em) => {
      await em.execute(`insert into organisation (id, kind, name) values (?, 'customer', 'Acme')`, [customer]);
      const site = [siteId, customer];
      await em.execute(`insert into site (id, customer_id, name, time_zone) values (?, ?, 'Works', 'UTC')`, site);
    });
    const { metrics, meters: _, commands, ...model } = compressor;
    modelId = (await app.get(RegisterModel).run(model)).id;
    await app.get(RegisterSchema).run(modelId, metrics);
    for (const command of commands) await app.get(RegisterCommand).run(modelId, command);
    gateway = await Test.createTestingModule({ imports: [GatewayModule.with(config)] }).compile();
    await gateway.init();
    mqttsUrl = new URL((await gateway.get(Gateway).start()).mqttsUrl ?? '');
  });

  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.stop('SIGKILL')));
    await gateway.close();
    await app.close();
    await drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A machine with its controller's identity folder. */
  async function machine(thing: string) {
    const device = await app.get(CreateDevice).run(everyCustomer, { modelName: compressor.name, thingName: thing });
    const asset = await app
      .get(CreateAsset)
      .run(everyCustomer, { siteId, modelId, serialNumber: thing, name: thing, location: '' });
    await app.get(InstallDevice).run(everyCustomer, { deviceId: device.id, assetId: asset.id });
    const issued = await app.get(IssueDeviceCertificate).run(everyCustomer, { deviceId: device.id });
    const home = join(folder, thing);
    mkdirSync(home);
    const endpoint = { thingName: thing, host: mqttsUrl.hostname, port: Number(mqttsUrl.port), sim: { seed: 7 } };
    writeFileSync(join(home, 'endpoint.json'), JSON.stringify(endpoint));
    writeFileSync(join(home, 'cert.pem'), issued.certificatePem);
    writeFileSync(join(home, 'key.pem'), issued.privateKeyPem);
    writeFileSync(join(home, 'ca.pem'), issued.caPem);
    const agent = new Agent(home);
    agents.push(agent);
    return { deviceId: device.id, assetId: asset.id, agent };
  }

  const send = (deviceId: string, command: string, args: object = {}, key = newId()) =>
    app.get(SendCommand).run(everyCustomer, { deviceId, command, arguments: args, key, requestedBy: 'Tess' });
  async function until(id: string, holds: (execution: Execution) => boolean): Promise<Execution> {
    for (;;) {
      const [execution] = await app.get(Executions).many(everyCustomer, [id]);
      if (execution && holds(execution)) return execution;
      await sleep(50);
    }
  }
  const ended = (id: string) => until(id, ({ endedAt }) => endedAt !== null);

  it('runs a self-test with progress, log and result', async () => {
    const { assetId, agent } = await machine('rx90-self-test');
    await agent.start();
    const { runIds } = await app.get(StartDiagnosticRuns).run(everyCustomer, {
      procedure: 'self-test',
      assetIds: [assetId],
      deviceIds: [],
      key: 'k',
      requestedBy: 'Tess',
    });
    const run = async () => (await app.get(DiagnosticRuns).many(everyCustomer, runIds))[0];
    const id = (await run())?.execution.id ?? '';
    const half = await until(id, ({ progressPercent }) => (progressPercent ?? 0) >= 50);
    expect(half).toMatchObject({ state: 'in_progress', reasonCode: 'PROGRESS', endedAt: null });
    expect(half.log?.split('\n').length).toBeGreaterThanOrEqual(3);
    const end = await ended(id);
    expect(end).toMatchObject({ state: 'succeeded', resultFaults: null, late: false });
    // Sent again when the device subscribes while no answer is known yet; it carries an execution out once all the same.
    expect([1, 2, 3]).toContain(end.deliveries);
    expect(Object.keys(end.result ?? {}).sort()).toEqual(['motor', 'network', 'outcome', 'pressure_sensor', 'valve']);
    expect(end.log?.split('\n')).toHaveLength(6);
    const { verdict, from, to } = (await run()) ?? {};
    expect(verdict).toBe(end.result?.outcome === 'pass' ? 'passed' : 'failed');
    expect(from).toEqual(end.startedAt);
    expect(to).toEqual(end.endedAt);
    await agent.stop();
  });

  it('takes a new report interval and keeps it, and refuses what it does not know', async () => {
    const { deviceId, agent } = await machine('rx90-interval');
    await agent.start();
    const { id } = await send(deviceId, 'set-report-interval', { seconds: 2 });
    expect(await ended(id)).toMatchObject({ state: 'succeeded', result: { seconds: '2' } });
    expect(agent.read('settings.json')).toEqual({ reportIntervalSeconds: 2 });
    await app.get(RegisterCommand).run(modelId, {
      name: 'dance',
      title: 'Dance',
      argumentsSchema: { type: 'object' },
      resultSchema: { type: 'object' },
      timeoutSeconds: 60,
      expirySeconds: 60,
      payload: 'named',
    });
    const unknown = await ended((await send(deviceId, 'dance')).id);
    expect(unknown).toMatchObject({ state: 'rejected', reasonCode: 'UNKNOWN_COMMAND' });
    await agent.stop();
  });

  it('carries out what waited for it when it connects, and restarts once, with the next boot', async () => {
    const { deviceId, agent } = await machine('rx90-restart');
    const { id, state } = await send(deviceId, 'restart');
    expect(state).toBe('queued');
    await agent.start();
    expect(await ended(id)).toMatchObject({ state: 'succeeded', result: { boot: '2' } });
    await sleep(1_000);
    expect(agent.lines.filter((line) => line.includes('"restarted"'))).toHaveLength(1);
    await agent.stop();
  });

  it('killed while it runs one says so when it is back, and does not run it again', async () => {
    const { deviceId, agent } = await machine('rx90-killed');
    await agent.start();
    const { id } = await send(deviceId, 'run-self-test');
    await until(id, (execution) => execution.state === 'in_progress');
    await agent.stop('SIGKILL');
    await agent.start();
    const end = await ended(id);
    expect(end).toMatchObject({ state: 'failed', reasonCode: 'INTERRUPTED' });
    await agent.stop();
    await agent.start();
    expect((await ended((await send(deviceId, 'set-report-interval', { seconds: 5 })).id)).state).toBe('succeeded');
    expect(agent.read('commands.json')).toMatchObject([{ id, state: 'done' }, { state: expect.any(String) }]);
    await agent.stop();
  });
});
