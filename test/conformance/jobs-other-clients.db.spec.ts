import type { MqttClient } from 'mqtt';
import { type JobsWorld, jobsWorld, until } from './support/jobs-devices.js';

let w: JobsWorld;
beforeAll(async () => {
  w = await jobsWorld();
});
afterAll(() => w.close());

const later = (seconds: number): void => w.clock.set(new Date(w.clock.now().getTime() + seconds * 1000));
/** Everything the client hears, as [topic, content]. */
const listening = (client: MqttClient): [string, Record<string, unknown>][] => {
  const heard: [string, Record<string, unknown>][] = [];
  client.on('message', (topic, payload) => heard.push([topic, JSON.parse(payload.toString())]));
  return heard;
};

describe('aws-iot-device-sdk (v1) jobs', () => {
  it('gets what waited, then what comes, by operation; its answers without token count', async () => {
    await w.thing('v1');
    await w.job('v1-a', ['v1']);
    later(1);
    await w.job('v1-b', ['v1'], { document: { operation: 'fail' } });
    later(1);
    const v1 = await w.v1('v1');
    await until(async () => (await w.statuses('v1')).join() === 'v1-a#1 SUCCEEDED,v1-b#1 FAILED');
    later(1);
    await w.job('v1-c', ['v1'], { document: { operation: 'install', url: 'https://example.test/c' } });
    await until(async () => (await w.statuses('v1')).at(-1) === 'v1-c#1 SUCCEEDED');
    expect(v1.lines.filter(({ error }) => error)).toEqual([]);
    expect(v1.lines.filter(({ job }) => job)).toEqual([
      {
        job: 'v1-a',
        kind: 'install',
        operation: 'install',
        document: { operation: 'install', of: 'v1-a' },
        status: 'QUEUED',
      },
      { job: 'v1-b', kind: 'other', operation: 'fail', document: { operation: 'fail' }, status: 'QUEUED' },
      {
        job: 'v1-c',
        kind: 'install',
        operation: 'install',
        document: { operation: 'install', url: 'https://example.test/c' },
        status: 'QUEUED',
      },
    ]);
    const [row] = await w.rows<{ status_details: object; version_number: number }>(
      `select e.status_details, e.version_number from iot_job_execution e join iot_job j on j.id = e.iot_job_id
       where j.job_id = 'v1-c'`,
    );
    expect(row).toEqual({ status_details: { step: '2-of-2' }, version_number: 3 });
  });
});

describe('FreeRTOS', () => {
  it('is answered on $next/get/accepted without having subscribed, it alone', async () => {
    await w.thing('rtos');
    await w.job('ota-1', ['rtos'], { document: { afr_ota: { protocols: ['MQTT'] } } });
    const [device, other] = [await w.secure('rtos'), await w.secure('rtos', { clientId: 'rtos-tool' })];
    await other.subscribeAsync('$aws/things/rtos/jobs/#', { qos: 1 });
    const [heard, overheard] = [listening(device), listening(other)];
    await device.publishAsync('$aws/things/rtos/jobs/$next/get', '{"clientToken":"0:rtos"}', { qos: 1 });
    const [topic, body] = await until(() => heard[0]);
    expect(topic).toBe('$aws/things/rtos/jobs/$next/get/accepted');
    expect(body).toMatchObject({
      clientToken: '0:rtos',
      execution: { jobId: 'ota-1', jobDocument: { afr_ota: { protocols: ['MQTT'] } } },
    });
    expect(overheard.filter(([where]) => where.includes('accepted'))).toEqual([]);
  });

  it('may send numbers as texts and nothing at all', async () => {
    await w.thing('strings');
    await w.job('str-1', ['strings']);
    const device = await w.secure('strings');
    const heard = listening(device);
    const ask = async (operation: string, body: string): Promise<Record<string, unknown>> => {
      heard.length = 0;
      await device.publishAsync(`$aws/things/strings/jobs/${operation}`, body, { qos: 0 });
      const [topic, answer] = await until(() => heard.find(([where]) => where.includes(operation)));
      return { answered: topic.split('/').at(-1), ...answer };
    };
    expect(await ask('get', '')).toMatchObject({ answered: 'accepted', queuedJobs: [{ jobId: 'str-1' }] });
    expect(await ask('str-1/update', '{"status":"IN_PROGRESS","expectedVersion":"1","clientToken":"a"}')).toEqual({
      answered: 'accepted',
      clientToken: 'a',
      timestamp: expect.any(Number),
    });
    expect(await ask('str-1/update', '{"status":"SUCCEEDED","expectedVersion":"1"}')).toMatchObject({
      answered: 'rejected',
      code: 'VersionMismatch',
    });
    expect(await ask('str-1/update', '{"status":')).toEqual({
      answered: 'rejected',
      code: 'InvalidJson',
      message: expect.any(String),
      timestamp: expect.any(Number),
    });
    expect(await ask('$next/update', '{"status":"SUCCEEDED"}')).toMatchObject({ code: 'InvalidRequest' });
    expect(await ask('str-1/update', '{"status":"SUCCEEDED","executionNumber":"1"}')).toMatchObject({
      answered: 'accepted',
    });
  });
});
