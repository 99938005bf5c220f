import { Test } from '@nestjs/testing';
import { IssueDeviceCertificate } from '@throughline/fleet';
import { everyCustomer, type HandledJob, JobRegistry, PlatformModule, runJob } from '@throughline/platform';
import { type Fleet, fleet } from '../../../test/fixture.js';
import { FleetJobsModule, fleetJobs } from './index.js';

let f: Fleet;
beforeAll(async () => {
  f = await fleet();
});
afterAll(() => f.close());

it('the worker handles all of fleet’s jobs: what is due is asked for, what is over goes', async () => {
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
  for (const name of ['fleet.request-due-rotations', 'fleet.clean-provisioning'])
    await runJob(handlers.get(name) as HandledJob, {}, 'job', 1);
  expect(await f.events('fleet.certificate-rotation-due')).toMatchObject([{ deviceId, thingName: 'due' }]);
  expect(await f.rows('select 1 from issued_certificate')).toEqual([]);
  await worker.close();
});
