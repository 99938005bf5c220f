import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateIotJob, type IotJob, type IotJobInput, IssueDeviceCertificate } from '@throughline/fleet';
import { everyCustomer } from '@throughline/platform';
import type { iotjobs } from 'aws-iot-device-sdk-v2';
import { type World, world } from '../../../apps/gateway/test/world.js';

export interface JobsWorld extends World {
  /** A registered device. */
  thing(thingName: string): Promise<string>;
  job(jobId: string, thingNames: readonly string[], more?: Partial<IotJobInput>): Promise<IotJob>;
  /** The unmodified SDK v2, MQTT 3.1.1 over TLS with the thing's certificate, in a process of its own. */
  v2(thingName: string): Promise<V2>;
  /** The unmodified SDK v1 in a process of its own: takes every job and says it succeeded. */
  v1(thingName: string): Promise<V1>;
  /** Statuses of a thing's executions, "job#number status", oldest first. */
  statuses(thingName: string): Promise<string[]>;
}

type Client = iotjobs.IotJobsClientv2;
type Operation =
  | 'describeJobExecution'
  | 'getPendingJobExecutions'
  | 'startNextPendingJobExecution'
  | 'updateJobExecution';

export interface V2 {
  /** Rejects with Rejected when the service rejected the request, else with an Error. */
  call<O extends Operation>(operation: O, request: Parameters<Client[O]>[0]): ReturnType<Client[O]>;
  /** Opens both streams; resolves when they stand. */
  listen(): Promise<void>;
  /** What came on the streams and happened to the connection, oldest first. */
  readonly events: { readonly event: string; readonly message?: Record<string, unknown> }[];
}

/** What the service answered when it rejected a request. */
export class Rejected extends Error {
  constructor(readonly modeled: iotjobs.model.V2ErrorResponse) {
    super(modeled.message ?? 'rejected');
  }
}

export interface V1 {
  /** What it printed: one object a line. */
  readonly lines: Record<string, unknown>[];
  stop(): Promise<void>;
}

const v2Script = join(import.meta.dirname, 'jobs-v2-device.mjs');
const v1Script = join(import.meta.dirname, 'jobs-v1-device.cjs');

export async function jobsWorld(): Promise<JobsWorld> {
  const w = await world();
  const port = Number(new URL(w.mqttsUrl).port);
  const opened: ChildProcess[] = [];
  const children: V1[] = [];
  const idOf = async (thingName: string): Promise<string> => {
    const [row] = await w.rows<{ id: string }>('select id from device where thing_name = ?', [thingName]);
    return row?.id ?? '';
  };
  const credentials = async (thingName: string) =>
    w.module.get(IssueDeviceCertificate).run(everyCustomer, { deviceId: await idOf(thingName) });
  return {
    ...w,
    thing: async (thingName) => (await w.device(thingName)).id,
    job: async (jobId, thingNames, more = {}) =>
      w.module.get(CreateIotJob).run(everyCustomer, {
        jobId,
        document: { operation: 'install', of: jobId },
        deviceIds: await Promise.all(thingNames.map(idOf)),
        targetLabel: thingNames.join(', '),
        ...more,
      }),
    v2: async (thingName) => {
      const { caPem, certificatePem, privateKeyPem } = await credentials(thingName);
      const child = fork(v2Script, [JSON.stringify({ thingName, port, caPem, certificatePem, privateKeyPem })], {
        execArgv: [],
      });
      opened.push(child);
      return v2Of(child);
    },
    v1: async (thingName) => {
      const { caPem, certificatePem, privateKeyPem } = await credentials(thingName);
      const folder = await mkdtemp(join(tmpdir(), 'throughline-v1-'));
      const write = async (name: string, text: string): Promise<string> => {
        await writeFile(join(folder, name), text, { mode: 0o600 });
        return join(folder, name);
      };
      const options = {
        keyPath: await write('key.pem', privateKeyPem),
        certPath: await write('cert.pem', certificatePem),
        caPath: await write('ca.pem', caPem),
        clientId: thingName,
        host: 'localhost',
        port,
      };
      const sdk = createRequire(import.meta.url).resolve('aws-iot-device-sdk');
      const child = spawn(process.execPath, [v1Script, sdk, thingName, JSON.stringify(options)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const lines: Record<string, unknown>[] = [];
      let rest = '';
      child.stdout.on('data', (chunk: Buffer) => {
        const parts = (rest + chunk.toString()).split('\n');
        rest = parts.pop() ?? '';
        for (const line of parts) lines.push(JSON.parse(line) as Record<string, unknown>);
      });
      const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      const v1: V1 = {
        lines,
        stop: async () => {
          child.kill('SIGTERM');
          await exit;
        },
      };
      children.push(v1);
      return v1;
    },
    statuses: async (thingName) =>
      (
        await w.rows<{ text: string }>(
          `select j.job_id || '#' || e.execution_number || ' ' || e.status as text from iot_job_execution e
           join iot_job j on j.id = e.iot_job_id join device d on d.id = e.device_id
           where d.thing_name = ? order by e.queued_at, e.id`,
          [thingName],
        )
      ).map(({ text }) => text),
    close: async () => {
      await Promise.all(children.map((child) => child.stop()));
      await Promise.all(
        opened.map(async (child) => {
          const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
          if (child.exitCode !== null || child.signalCode !== null) return;
          child.kill('SIGKILL');
          await exit;
        }),
      );
      await w.close();
    },
  };
}

interface FromChild {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly text: string; readonly modeled?: iotjobs.model.V2ErrorResponse };
  readonly event?: string;
  readonly message?: Record<string, unknown>;
}

async function v2Of(child: ChildProcess): Promise<V2> {
  const events: { event: string; message?: Record<string, unknown> }[] = [];
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let gone = false;
  child.on('message', ({ id, result, error, event, message }: FromChild) => {
    if (event !== undefined) return void events.push({ event, ...(message && { message }) });
    const asked = waiting.get(id ?? -1);
    if (!error) asked?.resolve(result);
    else asked?.reject(error.modeled ? new Rejected(error.modeled) : new Error(error.text));
  });
  child.once('exit', (code, signal) => {
    gone = true;
    for (const asked of waiting.values()) asked.reject(new Error(`the device's process ended: ${code ?? signal}`));
  });
  const send = (operation: string, request: unknown): Promise<unknown> => {
    const asked = Promise.withResolvers<unknown>();
    const id = waiting.size;
    waiting.set(id, asked);
    child.send({ id, operation, request });
    return asked.promise;
  };
  await until(() => {
    if (gone) throw new Error("the device's process ended before it was connected");
    return events.some(({ event }) => event === 'connected');
  });
  events.length = 0;
  return {
    events,
    call: ((operation: Operation, request: unknown) => send(operation, request)) as V2['call'],
    listen: async () => void (await send('listen', undefined)),
  };
}

/** Waits for what `look` finds. */
export async function until<T>(look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
