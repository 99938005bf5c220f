import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import { CreateDevice, IssueDeviceCertificate, RegisterModel } from '@throughline/fleet';
import { FleetJobsModule, fleetJobs } from '@throughline/fleet/jobs';
import { OtaJobsModule, otaJobs } from '@throughline/ota/jobs';
import { everyCustomer, type JobDeclaration, JobRegistry, PlatformModule, runJob } from '@throughline/platform';
import { RegisterSchema } from '@throughline/telemetry';
import { compressor } from '../../../apps/cli/src/demo/catalogue.js';
import { Gateway } from '../../../apps/gateway/src/gateway.js';
import { GatewayModule } from '../../../apps/gateway/src/gateway.module.js';
import { startApi } from '../../support/api.js';
import { testConfig } from '../../support/database.js';
import { type StartedProcess, started } from '../../support/processes.js';
import { until } from './jobs-devices.js';

const agentScript = join(import.meta.dirname, '../../../apps/device/dist/main.js');

export interface DeviceProgress {
  readonly state: string;
  readonly percent: number | null;
  readonly why: string | null;
  readonly reported: { readonly version: string } | null;
}

export interface UpdateWorld {
  readonly dataDir: string;
  /** `range` of each download, in order. */
  readonly ranges: (string | undefined)[];
  /** Bytes of a download after which the network says nothing more; undefined: it works. */
  stallAfter: number | undefined;
  /** A registered device; gives its identity folder. */
  thing(thingName: string): Promise<string>;
  /** The real agent in a process of its own. */
  agent(folder: string, health: string): Promise<StartedProcess>;
  /** Uploads an image, publishes it as a release and starts it for the device; gives the rollout. */
  rollOut(thingName: string, image: Buffer, version: string, counter: number): Promise<string>;
  /** Hands events on until the device is in that state. */
  reached(rolloutId: string, state: string): Promise<DeviceProgress>;
  /** What it says it runs: in a rollout, and by its last word. */
  firmware(thingName: string): Promise<{ inRollout: string | undefined; now: string | null }>;
  /** What the API answers to somebody of the manufacturer's who looks after devices. */
  ask<T>(query: string, variables: Record<string, unknown>): Promise<T>;
  idOf(thingName: string): Promise<string>;
  /** Hands events on as the worker does. */
  handOn(): Promise<void>;
  close(): Promise<void>;
}

/** A real gateway, a real API and what lies between: events are handed on as the worker does. */
export async function updateWorld(): Promise<UpdateWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), 'updates-'));
  const api = await startApi({ DATA_DIR: dataDir }, new Date().toISOString());
  const ranges: (string | undefined)[] = [];
  const network = createServer((incoming, outgoing) => forward(api.url, incoming, outgoing, w.stallAfter, ranges));
  await new Promise<void>((resolve) => network.listen(0, '127.0.0.1', resolve));
  const { port } = network.address() as { port: number };
  const config = testConfig(api.config.databaseUrl, { DATA_DIR: dataDir, PUBLIC_URL: `http://127.0.0.1:${port}` });
  const gateway = await Test.createTestingModule({ imports: [GatewayModule.with(config)] }).compile();
  await gateway.init();
  const { mqttsUrl = '' } = await gateway.get(Gateway).start();
  const worker = await Test.createTestingModule({
    imports: [PlatformModule.forRoot(config), OtaJobsModule, FleetJobsModule],
  }).compile();
  await worker.init();
  const handlers = [
    ...worker
      .get(JobRegistry)
      .complete([...fleetJobs, ...(otaJobs as JobDeclaration<never>[])])
      .values(),
  ];
  const { metrics, meters: _, ...product } = compressor;
  const model = await api.app.get(RegisterModel).run(product);
  await api.app.get(RegisterSchema).run(model.id, [...metrics]);
  const agents: StartedProcess[] = [];
  const token = await api.signIn('fleet');

  const handOn = async (): Promise<void> => {
    const events = await api.database.transaction(everyCustomer, (em) =>
      em.execute<{ name: string; payload: unknown }[]>(
        'with taken as (delete from outbox returning id, name, payload) select name, payload from taken order by id',
      ),
    );
    for (const { name, payload } of events)
      for (const handled of handlers)
        if (handled.job.on?.some((event) => event.name === name)) await runJob(handled, payload, 'test', 1);
  };
  const idOf = async (thingName: string): Promise<string> => {
    const [row] = await api.database.read(everyCustomer, (em) =>
      em.execute<{ id: string }[]>('select id from device where thing_name = ?', [thingName]),
    );
    return row?.id ?? '';
  };

  const w: UpdateWorld = {
    dataDir,
    ranges,
    stallAfter: undefined,
    thing: async (thingName) => {
      const device = await api.app.get(CreateDevice).run(everyCustomer, { modelName: model.name, thingName });
      const issued = await api.app.get(IssueDeviceCertificate).run(everyCustomer, { deviceId: device.id });
      const folder = await mkdtemp(join(dataDir, `${thingName}-`));
      await writeFile(join(folder, 'cert.pem'), issued.certificatePem);
      await writeFile(join(folder, 'key.pem'), issued.privateKeyPem, { mode: 0o600 });
      await writeFile(join(folder, 'ca.pem'), issued.caPem);
      const endpoint = { thingName, host: 'localhost', port: Number(new URL(mqttsUrl).port) };
      await writeFile(
        join(folder, 'endpoint.json'),
        JSON.stringify({ ...endpoint, sim: { seed: 7, profile: 'three-shift' } }),
      );
      return folder;
    },
    agent: async (folder, health) => {
      const args = ['run', '--identity', folder, '--interval', '500ms', '--health', health];
      const agent = await started(agentScript, args, {}, /"ready":true/);
      agents.push(agent);
      return agent;
    },
    rollOut: async (thingName, image, version, counter) => {
      const label = { model: model.name, hardware: 'rx90-a', version, counter: String(counter), fileName: 'rx90.json' };
      const uploaded = await fetch(`${api.url}/artefacts?${new URLSearchParams(label)}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
        body: new Uint8Array(image),
      });
      const artefact = (await uploaded.json()) as { id: string };
      const { createRelease } = await api.ask<{ createRelease: { id: string } }>(
        'mutation ($input: CreateReleaseInput!) { createRelease(input: $input) { id } }',
        { input: { modelId: model.id, version, counter, artefactIds: [artefact.id] } },
        token,
      );
      await api.ask('mutation ($id: ID!) { publishRelease(releaseId: $id) { id } }', createRelease, token);
      const { startRelease } = await api.ask<{ startRelease: { id: string } }>(
        'mutation ($id: ID!, $deviceIds: [ID!]!) { startRelease(releaseId: $id, deviceIds: $deviceIds) { id } }',
        { id: createRelease.id, deviceIds: [await idOf(thingName)] },
        token,
      );
      return startRelease.id;
    },
    reached: (id, state) =>
      until(async () => {
        await handOn();
        const { rollout } = await api.ask<{ rollout: { devices: { edges: { node: DeviceProgress }[] } } }>(
          `query ($id: ID!) { rollout(id: $id) { devices { edges { node { state percent why reported { version } } } } } }`,
          { id },
          token,
        );
        const node = rollout.devices.edges[0]?.node;
        const ended = ['succeeded', 'failed', 'rolled_back', 'cancelled', 'left_out'];
        if (node && node.state !== state && ended.includes(node.state))
          throw new Error(`it ended otherwise: ${JSON.stringify(node)}\n${agents.map((a) => a.output()).join('\n')}`);
        return node?.state === state && node;
      }),
    firmware: async (thingName) => {
      const { device } = await api.ask<{
        device: { firmware: { version: string } | null; firmwareVersion: string | null };
      }>(
        'query ($id: ID!) { device(id: $id) { firmware { version } firmwareVersion } }',
        { id: await idOf(thingName) },
        token,
      );
      return { inRollout: device.firmware?.version, now: device.firmwareVersion };
    },
    ask: (query, variables) => api.ask(query, variables, token),
    idOf,
    handOn,
    close: async () => {
      for (const agent of agents) agent.kill('SIGKILL');
      await Promise.all(agents.map(({ exit }) => exit));
      network.closeAllConnections();
      await new Promise((resolve) => network.close(resolve));
      await worker.close();
      await gateway.close();
      await api.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  return w;
}

/** Passes a download on, and falls silent after so many bytes. */
function forward(
  to: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  stallAfter: number | undefined,
  ranges: (string | undefined)[],
): void {
  ranges.push(incoming.headers.range);
  const onward = request(new URL(incoming.url ?? '/', to), { headers: incoming.headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    let passed = 0;
    answer.on('data', (chunk: Buffer) => {
      if (stallAfter !== undefined && passed >= stallAfter) return;
      passed += chunk.length;
      outgoing.write(chunk);
    });
    answer.on('end', () => {
      if (stallAfter === undefined || passed < stallAfter) outgoing.end();
    });
  });
  onward.on('error', () => outgoing.destroy());
  onward.end();
}
