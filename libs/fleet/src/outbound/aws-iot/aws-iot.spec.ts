import { asked, certificateArn, fakeAws, thingArn, type WireAnswer, type WireRequest } from '../../../test/fake-aws.js';
import type { IotJob } from '../../domain/iot-jobs/iot-job.js';

const exists: WireAnswer = { status: 409, error: 'ResourceAlreadyExistsException', body: { message: 'exists' } };
const missing: WireAnswer = { status: 404, error: 'ResourceNotFoundException', body: { message: 'not found' } };
const throttled: WireAnswer = { status: 429, error: 'ThrottlingException', body: { message: 'Rate exceeded' } };

const to =
  (path: RegExp, answer: WireAnswer) =>
  (request: WireRequest): WireAnswer | undefined =>
    path.test(asked(request)) ? answer : undefined;

const at = new Date('2026-03-02T08:00:00Z');
const job: IotJob = {
  id: '00000000-0000-7000-8000-000000000001',
  jobId: 'fw-12',
  description: 'update',
  document: '{"operation":"install"}',
  targetLabel: 'rx-1',
  status: 'IN_PROGRESS',
  inProgressTimeoutMinutes: 30,
  retries: [{ failureType: 'FAILED', numberOfRetries: 2 }],
  createdBy: '',
  createdAt: at,
  lastUpdatedAt: at,
  completedAt: null,
};

describe('things and certificates', () => {
  it('creates a thing, signed for the region; one that exists is success', async () => {
    const { aws, requests } = fakeAws();
    await aws.things.create('rx-1');
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      method: 'POST',
      host: 'iot.eu-central-1.amazonaws.com',
      path: '/things/rx-1',
      body: {},
    });
    expect(requests[0]?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/iot\/aws4_request/,
    );
    await expect(fakeAws(() => exists).aws.things.create('rx-1')).resolves.toBeUndefined();
  });

  it('registers a certificate without a CA, gives it the policy and the thing', async () => {
    const answer = { certificateArn: certificateArn('c0ffee'), certificateId: 'c0ffee' };
    const { aws, requests } = fakeAws(to(/register-no-ca/, { body: answer }));
    await aws.things.addCertificate('rx-1', 'PEM');
    expect(requests.map(asked)).toEqual([
      'POST /certificate/register-no-ca',
      'PUT /target-policies/throughline-device',
      'PUT /things/rx-1/principals',
    ]);
    expect(requests[0]?.body).toEqual({ certificatePem: 'PEM', status: 'ACTIVE' });
    expect(requests[1]?.body).toEqual({ target: certificateArn('c0ffee') });
    expect(requests[2]?.headers['x-amzn-principal']).toBe(certificateArn('c0ffee'));
  });

  it('goes on with a certificate that a try before registered, whose answer was lost', async () => {
    const body = { message: 'exists', resourceId: 'c0ffee', resourceArn: certificateArn('c0ffee') };
    const { aws, requests } = fakeAws(to(/register-no-ca/, { ...exists, body }));
    await aws.things.addCertificate('rx-1', 'PEM');
    expect(requests.map(asked)).toEqual([
      'POST /certificate/register-no-ca',
      'PUT /certificates/c0ffee',
      'PUT /target-policies/throughline-device',
      'PUT /things/rx-1/principals',
    ]);
    expect(requests[1]?.query).toEqual({ newStatus: 'ACTIVE' });
  });

  it('deactivates a certificate, and says when AWS IoT does not know it', async () => {
    const { aws, requests } = fakeAws();
    await expect(aws.things.setCertificate('c0ffee', 'INACTIVE')).resolves.toBe(true);
    expect(requests.map(asked)).toEqual(['PUT /certificates/c0ffee']);
    expect(requests[0]?.query).toEqual({ newStatus: 'INACTIVE' });
    await expect(fakeAws(() => missing).aws.things.setCertificate('c0ffee', 'INACTIVE')).resolves.toBe(false);
  });

  it('deletes a thing after it has let go of its certificates, of all pages; one that is gone is success', async () => {
    const { aws, requests } = fakeAws((request) => {
      if (request.method !== 'GET') return undefined;
      return request.query.nextToken
        ? { body: { principals: [certificateArn('b')] } }
        : { body: { principals: [certificateArn('a')], nextToken: 'more' } };
    });
    await aws.things.delete('rx-1');
    expect(requests.map(asked)).toEqual([
      'GET /things/rx-1/principals',
      'GET /things/rx-1/principals',
      'DELETE /things/rx-1/principals',
      'DELETE /things/rx-1/principals',
      'DELETE /things/rx-1',
    ]);
    await expect(fakeAws(() => missing).aws.things.delete('rx-1')).resolves.toBeUndefined();
  });

  it('says in AWS’s words what failed and whether it passes', async () => {
    await expect(fakeAws(() => throttled).aws.things.create('rx-1')).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      message: 'AWS IoT, thing rx-1: ThrottlingException: Rate exceeded',
    });
    const bad: WireAnswer = { error: 'InvalidRequestException', body: { message: 'bad name' } };
    await expect(fakeAws(() => bad).aws.things.create('rx-1')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    const lost = fakeAws(() => ({ lost: true })).aws.things.create('rx-1');
    await expect(lost).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('shadows', () => {
  it('changes what is desired at the data endpoint, with the version when it matters', async () => {
    const { aws, requests } = fakeAws();
    await aws.shadows.setDesired({ thingName: 'rx-1', name: '' }, { desired: { mode: 'eco' } });
    await aws.shadows.setDesired({ thingName: 'rx-1', name: 'net' }, { desired: { ssid: null }, version: 4 });
    expect(requests.map(({ host, ...rest }) => [host, asked({ host, ...rest }), rest.query, rest.body])).toEqual([
      [
        'a1b2c3-ats.iot.eu-central-1.amazonaws.com',
        'POST /things/rx-1/shadow',
        {},
        { state: { desired: { mode: 'eco' } } },
      ],
      [
        'a1b2c3-ats.iot.eu-central-1.amazonaws.com',
        'POST /things/rx-1/shadow',
        { name: 'net' },
        { state: { desired: { ssid: null } }, version: 4 },
      ],
    ]);
  });

  it('reads and deletes; another version is a conflict', async () => {
    const document = { state: { desired: { mode: 'eco' } }, metadata: {}, version: 5, timestamp: 1 };
    const { aws, requests } = fakeAws(to(/^GET/, { body: document }));
    await expect(aws.shadows.get('rx-1', '')).resolves.toEqual(document);
    await aws.shadows.delete('rx-1', 'net');
    expect(requests.map(asked)).toEqual(['GET /things/rx-1/shadow', 'DELETE /things/rx-1/shadow']);
    await expect(fakeAws(() => missing).aws.shadows.get('rx-1', '')).resolves.toBeUndefined();
    const conflict: WireAnswer = { status: 409, error: 'ConflictException', body: { message: 'Version conflict' } };
    const change = { desired: { a: 1 }, version: 1 };
    await expect(
      fakeAws(() => conflict).aws.shadows.setDesired({ thingName: 'rx-1', name: '' }, change),
    ).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
  });
});

describe('jobs', () => {
  const described = to(/^GET \/things\/rx-1$/, { body: { thingName: 'rx-1', thingArn: thingArn('rx-1') } });

  it('creates a job with its timer and retries for the things; one of that name is ours', async () => {
    const { aws, requests } = fakeAws(described);
    await aws.jobs.create(job, ['rx-1']);
    expect(requests.map(asked)).toEqual(['GET /things/rx-1', 'PUT /jobs/fw-12']);
    expect(requests[1]?.body).toEqual({
      targets: [thingArn('rx-1')],
      document: '{"operation":"install"}',
      targetSelection: 'SNAPSHOT',
      description: 'update',
      timeoutConfig: { inProgressTimeoutInMinutes: 30 },
      jobExecutionsRetryConfig: { criteriaList: [{ failureType: 'FAILED', numberOfRetries: 2 }] },
    });
    const again = fakeAws((request) => described(request) ?? exists);
    await expect(again.aws.jobs.create(job, ['rx-1'])).resolves.toBeUndefined();
  });

  it('cancels and deletes; what is over or gone already is success', async () => {
    const { aws, requests } = fakeAws();
    await aws.jobs.cancel('fw-12', true);
    await aws.jobs.cancelExecution('fw-12', 'rx-1', false);
    await aws.jobs.delete('fw-12');
    expect(requests.map((request) => [asked(request), request.query])).toEqual([
      ['PUT /jobs/fw-12/cancel', { force: 'true' }],
      ['PUT /things/rx-1/jobs/fw-12/cancel', { force: 'false' }],
      ['DELETE /jobs/fw-12', { force: 'true' }],
    ]);
    const over: WireAnswer = { status: 409, error: 'InvalidStateTransitionException', body: { message: 'over' } };
    for (const answer of [over, missing]) {
      await expect(fakeAws(() => answer).aws.jobs.cancel('fw-12', false)).resolves.toBeUndefined();
      await expect(fakeAws(() => answer).aws.jobs.delete('fw-12')).resolves.toBeUndefined();
    }
    await expect(fakeAws(() => throttled).aws.jobs.cancel('fw-12', false)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
    });
  });

  it('reads an execution, its times being seconds', async () => {
    const execution = {
      jobId: 'fw-12',
      status: 'IN_PROGRESS',
      statusDetails: { detailsMap: { step: '2/4' } },
      thingArn: thingArn('rx-1'),
      queuedAt: 1_772_438_400,
      startedAt: 1_772_438_410,
      lastUpdatedAt: 1_772_438_420,
      executionNumber: 1,
      versionNumber: 3,
    };
    const { aws, requests } = fakeAws(() => ({ body: { execution } }));
    await expect(aws.jobs.execution('fw-12', 'rx-1', 1)).resolves.toEqual({
      executionNumber: 1,
      versionNumber: 3,
      status: 'IN_PROGRESS',
      statusDetails: { step: '2/4' },
      queuedAt: at,
      startedAt: new Date(at.getTime() + 10_000),
      lastUpdatedAt: new Date(at.getTime() + 20_000),
    });
    expect(requests.map((request) => [asked(request), request.query])).toEqual([
      ['GET /things/rx-1/jobs/fw-12', { executionNumber: '1' }],
    ]);
    await expect(fakeAws(() => missing).aws.jobs.execution('fw-12', 'rx-1')).resolves.toBeUndefined();
  });

  it('says whether a job has ended', async () => {
    const ended = (status: string) => fakeAws(() => ({ body: { job: { status } } })).aws.jobs.ended('fw-12');
    await expect(ended('IN_PROGRESS')).resolves.toBe(false);
    await expect(ended('COMPLETED')).resolves.toBe(true);
    await expect(ended('CANCELED')).resolves.toBe(true);
    await expect(fakeAws(() => missing).aws.jobs.ended('fw-12')).resolves.toBeUndefined();
  });
});

describe('commands', () => {
  const id = '0198c0de-0000-7000-8000-000000000001';
  const commandArn = `arn:aws:iot:eu-central-1:123456789012:command/${id}`;
  const known = (request: WireRequest): WireAnswer | undefined =>
    to(/^GET \/things\/rx-1$/, { body: { thingArn: thingArn('rx-1') } })(request) ??
    to(/^GET \/endpoint/, { body: { endpointAddress: 'a1b2c3.jobs.iot.eu-central-1.amazonaws.com' } })(request);

  it('makes the command with its payload and starts it at the jobs endpoint; made already is success', async () => {
    for (const made of [undefined, { status: 409, error: 'ConflictException', body: { message: 'exists' } }]) {
      const { aws, requests } = fakeAws(
        (request) => known(request) ?? (/^PUT/.test(request.method) ? made : undefined),
      );
      await aws.commands.start({ id, thingName: 'rx-1', payload: '{"deep":true}', timeoutSeconds: 60 });
      expect(requests.map((request) => [request.host, asked(request)])).toEqual([
        ['iot.eu-central-1.amazonaws.com', 'GET /things/rx-1'],
        ['iot.eu-central-1.amazonaws.com', `PUT /commands/${id}`],
        ['iot.eu-central-1.amazonaws.com', 'GET /endpoint'],
        ['a1b2c3.jobs.iot.eu-central-1.amazonaws.com', 'POST /command-executions'],
      ]);
      expect(requests[1]?.body).toEqual({
        namespace: 'AWS-IoT',
        payload: { content: Buffer.from('{"deep":true}').toString('base64'), contentType: 'application/json' },
      });
      expect(requests[2]?.query).toEqual({ endpointType: 'iot:Jobs' });
      expect(requests[3]?.body).toEqual({
        targetArn: thingArn('rx-1'),
        commandArn,
        executionTimeoutSeconds: 60,
        clientToken: id,
      });
    }
  });

  it('reads how far it is, as a device would have said it, and forgets it', async () => {
    const { aws, requests } = fakeAws(
      (request) =>
        known(request) ??
        to(/^POST \/command-executions/, { body: { commandExecutions: [{ executionId: 'x-1' }] } })(request) ??
        to(/^GET \/command-executions\/x-1/, {
          body: {
            executionId: 'x-1',
            status: 'FAILED',
            statusReason: { reasonCode: 'NO_PRESSURE', reasonDescription: 'valve closed' },
            result: { bar: { S: '7.1' }, ok: { B: false }, raw: { BIN: Buffer.from('hi').toString('base64') } },
          },
        })(request),
    );
    await expect(aws.commands.answer(id, 'rx-1')).resolves.toEqual({
      status: 'FAILED',
      statusReason: { reasonCode: 'NO_PRESSURE', reasonDescription: 'valve closed' },
      result: { bar: { s: '7.1' }, ok: { b: false }, raw: { bin: 'aGk=' } },
    });
    await aws.commands.delete(id);
    expect(requests.map(asked)).toEqual([
      'GET /things/rx-1',
      'POST /command-executions',
      'GET /command-executions/x-1',
      `DELETE /commands/${id}`,
    ]);
    expect(requests[2]?.query).toEqual({ targetArn: thingArn('rx-1'), includeResult: 'true' });
  });
});
