import { spawn } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateIotJob, type IotJob, type IotJobInput, IssueDeviceCertificate } from '@throughline/fleet';
import { everyCustomer } from '@throughline/platform';
import { iot, iotjobs, mqtt } from 'aws-iot-device-sdk-v2';
import { type World, world } from '../../../apps/gateway/test/world.js';

/** The SDK's own operation timeout: long enough for a busy machine, short enough for a test that fails. */
const OPERATION_SECONDS = 20;

export interface JobsWorld extends World {
  /** A registered device. */
  thing(thingName: string): Promise<string>;
  job(jobId: string, thingNames: readonly string[], more?: Partial<IotJobInput>): Promise<IotJob>;
  /** The unmodified SDK v2, MQTT 3.1.1 over TLS with the thing's certificate. */
  v2(thingName: string): Promise<V2>;
  /** The unmodified SDK v1 in a process of its own: takes every job and says it succeeded. */
  v1(thingName: string): Promise<V1>;
  /** Statuses of a thing's executions, "job#number status", oldest first. */
  statuses(thingName: string): Promise<string[]>;
}

export interface V2 {
  readonly jobs: iotjobs.IotJobsClientv2;
  readonly connection: mqtt.MqttClientConnection;
}

export interface V1 {
  /** What it printed: one object a line. */
  readonly lines: Record<string, unknown>[];
  stop(): Promise<void>;
}

const v1Script = join(import.meta.dirname, 'jobs-v1-device.cjs');

export async function jobsWorld(): Promise<JobsWorld> {
  const w = await world();
  const port = Number(new URL(w.mqttsUrl).port);
  const opened: V2[] = [];
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
      const config = iot.AwsIotMqttConnectionConfigBuilder.new_mtls_builder(certificatePem, privateKeyPem)
        .with_certificate_authority(caPem)
        .with_endpoint('localhost')
        .with_port(port)
        .with_client_id(thingName)
        .with_clean_session(true)
        .build();
      const connection = new mqtt.MqttClient().new_connection(config);
      connection.on('error', () => undefined);
      await connection.connect();
      const jobs = iotjobs.IotJobsClientv2.newFromMqtt311(connection, {
        maxRequestResponseSubscriptions: 8,
        maxStreamingSubscriptions: 4,
        operationTimeoutInSeconds: OPERATION_SECONDS,
      });
      opened.push({ jobs, connection });
      return { jobs, connection };
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
      for (const { jobs, connection } of opened) {
        jobs.close();
        await connection.disconnect().catch(() => undefined);
      }
      await w.close();
    },
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
