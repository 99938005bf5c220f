import { Test } from '@nestjs/testing';
import { IssueDeviceCertificate } from '@throughline/fleet';
import { everyCustomer, type HandledJob, JobRegistry, PlatformModule, runJob } from '@throughline/platform';
import { type Fleet, fleet } from '../../../test/fixture.js';
import { awsModeJobs, FleetJobsModule, fleetJobs } from './index.js';

let f: Fleet;
beforeAll(async () => {
  f = await fleet();
});
afterAll(() => f.close());

it('the worker handles all of fleet’s jobs: what is due is asked for by one job at a time, what is over goes', async () => {
  const worker = await Test.createTestingModule({
    imports: [PlatformModule.forRoot(f.config, f.clock), FleetJobsModule],
  }).compile();
  await worker.init();
  const { id: deviceId } = await f.device('due');
  await f.module.get(IssueDeviceCertificate).run(everyCustomer, { deviceId });
  await f.rows(`update certificate set not_after = now() + interval '1 day', not_before = '2020-01-01'`);
  await f.rows(
    `insert into issued_certificate (id, key_hash, fingerprint, serial_number, certificate_pem, not_before, not_after, client_id, token_expires_at, created_at)
     values (gen_random_uuid(), 'k', 'f', 's', 'p', now(), now(), 'c', '2026-01-01', now())`,
  );
  const handlers = worker.get(JobRegistry).complete(fleetJobs);
  // What only AWS mode does again and again is not scheduled here.
  expect(awsModeJobs.filter(({ name }) => handlers.has(name))).toEqual([]);
  for (const name of ['fleet.request-due-rotations', 'fleet.clean-provisioning'])
    await runJob(handlers.get(name) as HandledJob, {}, 'job', 1);
  expect(await f.events('fleet.certificate-rotation-due')).toMatchObject([{ deviceId, thingName: 'due' }]);
  expect(await f.rows('select 1 from issued_certificate')).toEqual([]);
  const [due] = await f.events('fleet.certificate-rotation-due');
  const order = () => runJob(handlers.get('fleet.order-rotation') as HandledJob, due, 'job', 1);
  const jobs = () =>
    f.rows(`select j.job_id, j.document::jsonb as document, e.status from iot_job j join iot_job_execution e on e.iot_job_id = j.id
            order by j.job_id`);
  await order();
  await order();
  const jobId = `rotate-${String(due?.certificateId).slice(0, 16)}`;
  const document = { operation: 'rotate-certificate' };
  expect(await jobs()).toEqual([{ job_id: jobId, document, status: 'QUEUED' }]);
  await f.rows(`update iot_job_execution set status = 'FAILED'`);
  await order();
  expect(await jobs()).toEqual([
    { job_id: jobId, document, status: 'FAILED' },
    { job_id: `${jobId}-2`, document, status: 'QUEUED' },
  ]);
  await f.rows(`update iot_job_execution set status = 'FAILED'`);
  await f.rows(`update certificate set state = 'revoked', revoked_at = now()`);
  await order();
  expect(await jobs()).toHaveLength(2);
  await worker.close();
});
