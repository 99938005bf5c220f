import { setTimeout as sleep } from 'node:timers/promises';
import { CancelIotJob, type IotJob, RequestRotation, SetDesired } from '@throughline/fleet';
import { systemScope } from '@throughline/identity';
import { everyCustomer } from '@throughline/platform';
import type { RunningGateway } from '../load/support/gateway.mjs';
import { BoardLine } from './support/board.js';
import { JobDevice } from './support/job-device.js';
import { type Plane, plane } from './support/plane.js';
import { random } from './support/random.js';
import { ShadowWriter } from './support/shadow-writer.js';
import type { RunningWorker } from './support/worker.js';

const GATEWAY_KILLS = 6;
const WORKER_KILLS = 3;
/** Answers that each kind of client gets from a gateway before it is killed; and how long that is waited for. */
const ANSWERS = 3;
const ANSWERS_LIMIT_MS = 30_000;
const LINES = 4;
const CAREFUL = 3;
const SHARED = 3;
const WORKERS = 5;
const HANGING = 3;
/** More than whoever cancels waits for: the rest is the worker's. */
const IDLE = 2_600;
const ROTATED = 10;
const LONG = 600_000;
/** The seed of the moments of the kills; printed, so that a failure can be repeated as far as processes can be. */
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** All that still waits: half-made things, executions, rollouts, messages, events, index. */
const LEFT = `
  select 'execution ' || j.job_id || ' ' || e.status as left from iot_job_execution e join iot_job j on j.id = e.iot_job_id
    where e.status in ('QUEUED', 'IN_PROGRESS') and j.job_id not like 'rotate-%'
  union all select 'job ' || job_id || ' ' || status from iot_job
    where (completed_at is null or unsettled or status not in ('COMPLETED', 'CANCELED')) and job_id not like 'rotate-%'
  union all select 'rollout ' || state from rollout where state <> 'completed'
  union all select 'message ' || topic from downlink
  union all select 'outbox ' || name from outbox where not_before is null or not_before <= now()
  union all select 'index ' || device_id from shadow where version <> indexed_version`;

describe('gateway and worker killed while devices are made, report and work', () => {
  let p: Plane;
  let gateway: RunningGateway;
  let worker: RunningWorker;
  beforeAll(async () => {
    p = await plane();
  }, 60_000);
  afterAll(() => p.close(), 60_000);

  it(
    `leaves nothing half made, lost, doubled or stuck (seed ${seed})`,
    async () => {
      const dice = random(seed);
      const mqttUrl = () => gateway.mqttUrl;
      const mqttsUrl = () => gateway.mqttsUrl;
      const ids = new Map<string, string>();
      for (const [name, count] of Object.entries({ careful: CAREFUL, shared: SHARED, works: WORKERS, hangs: HANGING }))
        for (let i = 1; i <= count; i += 1) ids.set(`${name}-${i}`, await p.device(`${name}-${i}`));
      const named = (prefix: string) => [...ids].filter(([name]) => name.startsWith(prefix));
      const idle = await p.idle(IDLE);
      [gateway, worker] = await Promise.all([p.gateway(), p.worker()]);

      const lines = Array.from(
        { length: LINES },
        (_, i) => new BoardLine(`line${i}`, p.claim, mqttsUrl, random(seed + i)),
      );
      const careful = named('careful').map(([thing]) => new ShadowWriter(thing, 'a', true, mqttUrl));
      const shared = named('shared').flatMap(([thing]) =>
        ['a', 'b'].map((session) => new ShadowWriter(thing, session, false, mqttUrl)),
      );
      const working = named('works').map(([thing]) => new JobDevice(thing, mqttUrl));
      const hanging = named('hangs').map(([thing]) => new JobDevice(thing, mqttUrl, true));
      const clients = [...lines, ...careful, ...shared, ...working, ...hanging];
      const idsOf = (prefix: string) => named(prefix).map(([, id]) => id);

      // Begun now and left to the worker's timer; and a job of more devices than one transaction ends.
      await p.job({
        jobId: 'hang',
        deviceIds: idsOf('hangs'),
        inProgressTimeoutMinutes: 1,
        retries: [{ failureType: 'TIMED_OUT', numberOfRetries: 1 }],
      });
      const large = await p.job({ jobId: 'large', deviceIds: idle });
      const cancelled: IotJob[] = [];
      const rotated = new Set<string>();
      const desired = new Map<string, number>();
      let jobs = 0;
      let killing = true;

      /** The office gives orders the whole time. */
      const office = async (): Promise<void> => {
        await p.rollOut(idsOf('works'));
        await p.office.get(CancelIotJob).run(everyCustomer, { id: large.id });
        for (let turn = 1; killing; turn += 1) {
          jobs += 1;
          const job = await p.job({
            jobId: `job-${jobs}`,
            deviceIds: idsOf('works'),
            document: { outcome: turn % 3 === 0 ? 'fail-once' : 'done' },
            retries: [{ failureType: 'FAILED', numberOfRetries: 2 }],
          });
          if (turn % 4 === 0) {
            await sleep(dice() * 300);
            const ended = await p.office
              .get(CancelIotJob)
              .run(everyCustomer, { id: job.id, force: true })
              .catch(() => undefined);
            if (ended) cancelled.push(ended);
          }
          for (const [thing] of named('shared')) {
            await p.office.get(SetDesired).run(systemScope, { thingName: thing, desired: { office: turn } });
            desired.set(thing, turn);
          }
          const made = lines.flatMap(({ told }) => [...told.values()]).filter(({ connected }) => connected);
          for (const { certificateId } of made.slice(rotated.size, Math.min(ROTATED, rotated.size + 2))) {
            const [device] = await p.rows<{ id: string }>(
              'select device_id as id from certificate where fingerprint = ?',
              [certificateId],
            );
            await p.office.get(RequestRotation).run(everyCustomer, [device?.id ?? '']);
            rotated.add(certificateId);
          }
          await sleep(300);
        }
      };
      const groups = [lines, careful, shared, working];
      const answers = () => groups.map((group) => group.reduce((sum, client) => sum + client.answers, 0));
      /** Until this gateway has answered each kind of client: a kill shall meet all of them at work. */
      const answered = async (): Promise<void> => {
        const [before, end] = [answers(), Date.now() + ANSWERS_LIMIT_MS];
        while (Date.now() < end && answers().some((n, i) => n < (before[i] ?? 0) + ANSWERS)) await sleep(20);
      };
      const killGateway = async (): Promise<void> => {
        for (let kill = 0; kill < GATEWAY_KILLS; kill += 1) {
          await answered();
          await sleep(dice() * 500);
          await gateway.kill();
          gateway = await p.gateway();
        }
      };
      const killWorker = async (): Promise<void> => {
        for (let kill = 0; kill < WORKER_KILLS; kill += 1) {
          await sleep(300 + dice() * 2_500);
          await worker.kill();
          worker = await p.worker();
        }
      };

      const running = clients.map((client) => client.run());
      const orders = office();
      const end = async (): Promise<void> => {
        for (const client of clients) client.stop();
        await gateway.kill();
        await worker.kill();
      };
      try {
        await Promise.all([killGateway(), killWorker()]);
        await sleep(1_000);
        killing = false;
        await orders;
      } catch (error) {
        killing = false;
        await end();
        throw error;
      }
      for (const client of [...lines, ...careful, ...shared]) client.stop();
      await p.healed(LEFT);
      for (const client of [...working, ...hanging]) client.stop();
      await Promise.all(running);
      await p.healed(LEFT);
      await Promise.all([gateway.stop(), worker.stop()]);

      expect(clients.flatMap(({ faults }) => faults)).toEqual([]);
      // The kills met work: else nothing was tried.
      expect(clients.reduce((sum, { losses }) => sum + losses, 0)).toBeGreaterThan(GATEWAY_KILLS);

      // Provisioning: each board one thing, its certificate the one it was told of, no thing or certificate beside these.
      const told = lines.flatMap((line) => [...line.told].map(([serial, of]) => ({ serial, ...of })));
      expect(told.length).toBeGreaterThan(GATEWAY_KILLS);
      const things = await p.rows<{ thing_name: string; active: string[] }>(
        `select d.thing_name, array_agg(c.fingerprint) filter (where c.state = 'active') as active
         from device d left join certificate c on c.device_id = d.id where d.thing_name like 'made-%' group by d.id`,
      );
      expect(new Map(things.map(({ thing_name, active }) => [thing_name, active]))).toEqual(
        new Map(told.map(({ serial, certificateId }) => [`made-${serial}`, [certificateId]])),
      );
      expect(told.filter(({ serial, thingName, connected }) => !connected || thingName !== `made-${serial}`)).toEqual(
        [],
      );
      const [batch] = await p.rows<{ provisioned_count: number }>('select provisioned_count from claim_batch');
      expect(batch?.provisioned_count).toBe(told.length);
      await p.cleanLater();
      const nobodys = await p.rows(
        `select i.fingerprint from issued_certificate i left join certificate c on c.fingerprint = i.fingerprint
         where i.device_id is null or c.id is null or c.device_id <> i.device_id
         union all select c.fingerprint from certificate c left join issued_certificate i on i.fingerprint = c.fingerprint
         where i.id is null`,
      );
      expect(nobodys).toEqual([]);

      // Shadows: as many versions as applied updates, each accepted with one, and the document is the last one's.
      for (const thing of [...named('careful'), ...named('shared')].map(([name]) => name)) {
        const writers = [...careful, ...shared].filter((writer) => writer.thing === thing);
        const [shadow] = await p.rows<{ version: string; reported: object; desired: Record<string, number> }>(
          'select s.* from shadow s join device d on d.id = s.device_id where d.thing_name = ?',
          [thing],
        );
        const byOffice = desired.get(thing) ?? 0;
        const applied = writers.reduce((sum, writer) => sum + writer.applied, 0) + byOffice;
        expect([thing, Number(shadow?.version)]).toEqual([thing, applied]);
        const versions = writers.flatMap(({ accepted }) => [...accepted.keys()]);
        expect(new Set(versions).size).toBe(versions.length);
        for (const { accepted } of writers) {
          const numbers = [...accepted].sort(([a], [b]) => a - b).map(([, n]) => n);
          expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
        }
        expect(shadow?.reported).toEqual(
          Object.fromEntries(
            writers.flatMap(({ session, last }): [string, string | number][] => [
              [session, last],
              [`pad-${session}`, `${last}`.repeat(8)],
            ]),
          ),
        );
        const lastDesired = writers.map(({ session, last }) => [session, last - (last % 3)]);
        expect(shadow?.desired).toEqual({
          ...Object.fromEntries(lastDesired.filter(([, n]) => n !== 0)),
          ...(byOffice > 0 && { office: byOffice }),
        });
        const [history] = await p.rows<{ n: number; versions: number }>(
          `select count(*)::int as n, count(distinct version)::int as versions from shadow_history h
           join device d on d.id = h.device_id where d.thing_name = ?`,
          [thing],
        );
        const changes = writers.reduce((sum, { last }) => sum + Math.floor(last / 3), 0) + byOffice;
        expect(history).toEqual({ n: Math.min(changes, 500), versions: Math.min(changes, 500) });
      }

      // Jobs: every execution ended as its device said, each of its changes once; retries where they were due; nothing else.
      const executions = await p.rows<{ key: string; thing: string; status: string; version: number; job: string }>(
        `select j.job_id || '#' || e.execution_number as key, d.thing_name as thing, e.status, e.version_number as version,
           j.job_id as job from iot_job_execution e join iot_job j on j.id = e.iot_job_id join device d on d.id = e.device_id
         where d.thing_name like 'works-%' or d.thing_name like 'hangs-%'`,
      );
      const forced = new Set(cancelled.map(({ jobId }) => jobId));
      for (const { thing, versions, ended } of [...working, ...hanging]) {
        for (const [key, seen] of versions)
          expect([thing, key, seen]).toEqual([thing, key, [...new Set(seen)].toSorted()]);
        const own = executions.filter((e) => e.thing === thing && !forced.has(e.job) && e.status !== 'TIMED_OUT');
        expect(new Map(own.map(({ key, status, version }) => [key, `${status} ${version}`]))).toEqual(
          new Map(
            [...ended]
              .filter(([key]) => !forced.has(key.split('#')[0] ?? ''))
              .map(([key, status]) => [key, `${status} 4`]),
          ),
        );
      }
      const count = (status: string, job: RegExp) =>
        executions.filter((e) => e.status === status && job.test(e.job) && !forced.has(e.job)).length;
      const failing = Array.from({ length: jobs }, (_, i) => i + 1).filter(
        (n) => n % 3 === 0 && !forced.has(`job-${n}`),
      );
      expect(count('FAILED', /^job-/)).toBe(failing.length * WORKERS);
      expect(count('SUCCEEDED', /^job-/)).toBe((jobs - forced.size) * WORKERS);
      expect([count('TIMED_OUT', /^hang$/), count('SUCCEEDED', /^hang$/)]).toEqual([HANGING, HANGING]);

      // The worker's: the large job is cancelled to its last device, the rollout is over, each rotation was ordered once.
      const [rest] = await p.rows<{ n: number }>(
        `select count(*)::int as n from iot_job_execution where iot_job_id = ? and status = 'CANCELED' and version_number = 2`,
        [large.id],
      );
      expect(rest?.n).toBe(IDLE);
      const rollout = await p.rows('select distinct state, reported_version from rollout_device');
      expect(rollout).toEqual([{ state: 'succeeded', reported_version: '2.0.0' }]);
      const rotations = await p.rows<{ job_id: string }>(
        "select job_id from iot_job where job_id like 'rotate-%' order by 1",
      );
      expect(rotations.map(({ job_id }) => job_id)).toEqual(
        [...rotated].map((id) => `rotate-${id.slice(0, 16)}`).toSorted(),
      );
      expect(rotated.size).toBeGreaterThan(0);
      expect(await p.rows('select id from presence_interval where disconnected_at is null')).toEqual([]);
    },
    LONG,
  );
});
