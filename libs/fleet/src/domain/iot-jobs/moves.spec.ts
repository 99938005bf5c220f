import fc from 'fast-check';
import { type ExecutionStatus, executionLife, executionStatuses, isPending, type JobExecution } from './execution.js';
import { ended, retryOf, secondsLeft, started, updated } from './moves.js';
import { JobRefusal } from './refusal.js';
import type { UpdateRequest } from './request.js';

const at = (minutes: number): Date => new Date(Date.UTC(2026, 2, 2, 8, minutes));
const untimed = { inProgressTimeoutMinutes: null };

const execution = (change: Partial<JobExecution> = {}): JobExecution => ({
  id: 'e-1',
  iotJobId: 'j-1',
  jobId: 'fw-1',
  deviceId: 'd-1',
  customerId: null,
  executionNumber: 1,
  status: 'QUEUED',
  statusDetails: {},
  versionNumber: 1,
  queuedAt: at(0),
  startedAt: null,
  lastUpdatedAt: at(0),
  inProgressUntil: null,
  timesOutAt: null,
  ...change,
});
const update = (change: Partial<UpdateRequest> = {}): UpdateRequest => ({
  kind: 'update',
  jobId: 'fw-1',
  status: 'IN_PROGRESS',
  statusDetails: undefined,
  expectedVersion: undefined,
  executionNumber: undefined,
  includeJobExecutionState: false,
  includeJobDocument: false,
  stepTimeoutMinutes: undefined,
  ...change,
});
const start = (stepTimeoutMinutes?: number, statusDetails?: Record<string, string>) =>
  ({ kind: 'start-next', statusDetails, stepTimeoutMinutes }) as const;
const refusalOf = (work: () => unknown): JobRefusal => {
  try {
    work();
  } catch (error) {
    if (error instanceof JobRefusal) return error;
    throw error;
  }
  throw new Error('was not refused');
};

describe('an execution', () => {
  it.each<[ExecutionStatus, ExecutionStatus[]]>([
    ['QUEUED', ['IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'REJECTED']],
    ['IN_PROGRESS', ['IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'REJECTED']],
    ['SUCCEEDED', []],
    ['FAILED', []],
    ['REJECTED', []],
    ['TIMED_OUT', []],
    ['CANCELED', []],
    ['REMOVED', []],
  ])('that is %s goes to %j by its device and nowhere else', (status, allowed) => {
    const before = execution({ status, versionNumber: 7, statusDetails: { a: 'b' } });
    for (const to of ['QUEUED', 'IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'REJECTED'] as const) {
      if (allowed.includes(to))
        expect(updated(before, untimed, update({ status: to }), at(1))).toMatchObject({ status: to, versionNumber: 8 });
      else
        expect(refusalOf(() => updated(before, untimed, update({ status: to }), at(1)))).toMatchObject({
          code: 'InvalidStateTransition',
          executionState: { status, statusDetails: { a: 'b' }, versionNumber: 7 },
        });
    }
  });

  it('is cancelled in progress by force only, and timed out in progress only', () => {
    const [queued, running] = [execution(), execution({ status: 'IN_PROGRESS' })];
    expect(ended(queued, 'CANCELED', at(1))).toMatchObject({ status: 'CANCELED', versionNumber: 2 });
    expect(() => ended(running, 'CANCELED', at(1))).toThrow(/unless it is forced/);
    expect(ended(running, 'CANCELED', at(1), { force: true }).status).toBe('CANCELED');
    expect(() => ended(queued, 'TIMED_OUT', at(1))).toThrow(/QUEUED/);
    expect(ended(running, 'TIMED_OUT', at(1)).status).toBe('TIMED_OUT');
    for (const status of executionStatuses.filter((s) => !executionLife[s].pending))
      expect(() => ended(execution({ status }), 'CANCELED', at(1), { force: true })).toThrow(status);
  });

  it('is refused for its state before its version, and the version is told', () => {
    const over = execution({ status: 'FAILED', versionNumber: 3 });
    expect(refusalOf(() => updated(over, untimed, update({ expectedVersion: 9 }), at(1))).code).toBe(
      'InvalidStateTransition',
    );
    expect(refusalOf(() => updated(execution(), untimed, update({ expectedVersion: 7 }), at(1)))).toMatchObject({
      code: 'VersionMismatch',
      message: 'Expected version 7 but current is 1',
      executionState: { status: 'QUEUED', statusDetails: {}, versionNumber: 1 },
    });
    expect(updated(execution(), untimed, update({ expectedVersion: 1 }), at(1)).versionNumber).toBe(2);
  });

  it('has its details replaced when there are new ones, and kept when there are none', () => {
    const one = updated(execution(), untimed, update({ statusDetails: { receive: '4/41', a: 'b' } }), at(1));
    const two = updated(one, untimed, update(), at(2));
    const three = updated(two, untimed, update({ statusDetails: { self_test: 'ready' } }), at(3));
    expect([one, two, three].map((e) => e.statusDetails)).toEqual([
      { receive: '4/41', a: 'b' },
      { receive: '4/41', a: 'b' },
      { self_test: 'ready' },
    ]);
    expect(updated(three, untimed, update({ statusDetails: {} }), at(4)).statusDetails).toEqual({});
  });

  it('begins once: StartNext changes a queued one and leaves one in progress as it is', () => {
    const begun = started(execution(), untimed, start(undefined, { a: 'b' }), at(1));
    expect(begun).toMatchObject({
      status: 'IN_PROGRESS',
      startedAt: at(1),
      versionNumber: 2,
      statusDetails: { a: 'b' },
    });
    expect(started(begun, untimed, start(5, { c: 'd' }), at(2))).toBe(begun);
    expect(updated(begun, untimed, update(), at(3)).startedAt).toEqual(at(1));
  });

  it('is tried again with the next number and a fresh version', () => {
    const failed = updated(execution({ versionNumber: 4 }), untimed, update({ status: 'FAILED' }), at(1));
    expect(retryOf(failed, 'e-2', at(2))).toEqual(
      execution({ id: 'e-2', executionNumber: 2, queuedAt: at(2), lastUpdatedAt: at(2) }),
    );
  });
});

describe('the timers', () => {
  const timed = { inProgressTimeoutMinutes: 30 };

  it('of the job starts with IN_PROGRESS and is not moved by progress', () => {
    const begun = updated(execution(), timed, update(), at(1));
    expect(begun.timesOutAt).toEqual(at(31));
    expect(updated(begun, { inProgressTimeoutMinutes: 5 }, update(), at(20)).timesOutAt).toEqual(at(31));
    expect(secondsLeft(begun, at(30))).toBe(60);
    expect(secondsLeft(begun, at(40))).toBe(0);
    expect(secondsLeft(execution(), at(1))).toBeUndefined();
  });

  it('of a step restarts with each update that has one, stays without, ends with -1, and never outlives the job’s', () => {
    const one = started(execution(), timed, start(10), at(0));
    const two = updated(one, timed, update(), at(5));
    const three = updated(two, timed, update({ stepTimeoutMinutes: 10 }), at(9));
    const four = updated(three, timed, update({ stepTimeoutMinutes: -1 }), at(10));
    const five = updated(four, timed, update({ stepTimeoutMinutes: 10 }), at(25));
    expect([one, two, three, four, five].map((e) => e.timesOutAt)).toEqual([at(10), at(10), at(19), at(30), at(30)]);
  });

  it('without the job’s one is the step’s alone', () => {
    const one = started(execution(), untimed, start(10), at(0));
    expect(one).toMatchObject({ inProgressUntil: null, timesOutAt: at(10) });
    expect(updated(one, untimed, update({ stepTimeoutMinutes: -1 }), at(1)).timesOutAt).toBeNull();
  });

  it('are gone at the end', () => {
    const one = started(execution(), timed, start(10), at(0));
    expect(updated(one, timed, update({ status: 'SUCCEEDED', stepTimeoutMinutes: 5 }), at(1)).timesOutAt).toBeNull();
  });
});

describe('any sequence of updates', () => {
  const step = fc.record({
    status: fc.constantFrom('QUEUED', 'IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'REJECTED' as const),
    expectedVersion: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
    stepTimeoutMinutes: fc.option(fc.constantFrom(-1, 1, 5, 60), { nil: undefined }),
    details: fc.option(fc.dictionary(fc.constantFrom('a', 'b'), fc.string()), { nil: undefined }),
    minutes: fc.integer({ min: 0, max: 20 }),
  });

  it('leads where a plain model leads: version, state, details and timers', () => {
    fc.assert(
      fc.property(fc.array(step), fc.option(fc.integer({ min: 1, max: 90 })), (steps, inProgressTimeoutMinutes) => {
        const model = { status: 'QUEUED', version: 1, details: {} as object, job: Infinity, step: Infinity };
        let real = execution();
        let now = 0;
        for (const s of steps) {
          now += s.minutes;
          const over = !['QUEUED', 'IN_PROGRESS'].includes(model.status) || s.status === 'QUEUED';
          const code = over
            ? 'InvalidStateTransition'
            : s.expectedVersion !== undefined && s.expectedVersion !== model.version
              ? 'VersionMismatch'
              : undefined;
          const request = update({
            status: s.status as UpdateRequest['status'],
            expectedVersion: s.expectedVersion,
            stepTimeoutMinutes: s.stepTimeoutMinutes,
            statusDetails: s.details,
          });
          if (code) {
            const before = real;
            expect(refusalOf(() => updated(before, { inProgressTimeoutMinutes }, request, at(now))).code).toBe(code);
            continue;
          }
          if (model.status === 'QUEUED' && s.status === 'IN_PROGRESS')
            model.job = inProgressTimeoutMinutes === null ? Infinity : now + inProgressTimeoutMinutes;
          if (s.stepTimeoutMinutes !== undefined)
            model.step = s.stepTimeoutMinutes === -1 ? Infinity : now + s.stepTimeoutMinutes;
          model.status = s.status;
          model.version += 1;
          model.details = s.details ?? model.details;
          real = updated(real, { inProgressTimeoutMinutes }, request, at(now));
          const until = Math.min(model.job, model.step);
          expect(real).toMatchObject({ status: model.status, versionNumber: model.version });
          expect(real.statusDetails).toEqual(model.details);
          expect(real.timesOutAt).toEqual(model.status === 'IN_PROGRESS' && Number.isFinite(until) ? at(until) : null);
          expect(isPending(real)).toBe(model.status === 'IN_PROGRESS');
        }
      }),
    );
  });
});
