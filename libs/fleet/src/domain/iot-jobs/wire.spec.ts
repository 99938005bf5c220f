import type { JobExecution } from './execution.js';
import { errorMessage, executionMessage, notifyMessage, notifyNextMessage, pendingMessage } from './wire.js';

const now = new Date('2023-11-14T22:15:02.900Z');
const execution = (change: Partial<JobExecution> = {}): JobExecution => ({
  id: 'e',
  iotJobId: 'j',
  jobId: 'fw-12',
  deviceId: 'd',
  customerId: null,
  executionNumber: 1,
  status: 'QUEUED',
  statusDetails: {},
  versionNumber: 1,
  queuedAt: new Date(1_700_000_000_999),
  startedAt: null,
  lastUpdatedAt: new Date(1_700_000_000_999),
  inProgressUntil: null,
  timesOutAt: null,
  ...change,
});
const summary = {
  jobId: 'fw-12',
  queuedAt: 1_700_000_000,
  lastUpdatedAt: 1_700_000_000,
  versionNumber: 1,
  executionNumber: 1,
};

describe('messages to devices', () => {
  it('have what AWS IoT has, with whole seconds', () => {
    const document = { operation: 'install' };
    expect(executionMessage(execution(), 'pump-7', now, document)).toEqual({
      ...summary,
      thingName: 'pump-7',
      status: 'QUEUED',
      statusDetails: {},
      jobDocument: document,
    });
    expect(
      executionMessage(
        execution({
          status: 'IN_PROGRESS',
          startedAt: new Date(1_700_000_001_000),
          timesOutAt: new Date(now.getTime() + 61_500),
        }),
        'pump-7',
        now,
      ),
    ).toEqual({
      ...summary,
      startedAt: 1_700_000_001,
      thingName: 'pump-7',
      status: 'IN_PROGRESS',
      statusDetails: {},
      approximateSecondsBeforeTimedOut: 61,
    });
    expect(notifyNextMessage(execution({ statusDetails: { a: 'b' } }), now, document)).toEqual({
      timestamp: 1_700_000_102,
      execution: { ...summary, status: 'QUEUED', jobDocument: document },
    });
    expect(notifyNextMessage(undefined, now)).toEqual({ timestamp: 1_700_000_102 });
  });

  it('list what is pending by status, at most 15 in a notification', () => {
    const pending = [
      execution({ status: 'IN_PROGRESS', jobId: 'now' }),
      ...Array.from({ length: 20 }, (_, i) => execution({ jobId: `q-${i}` })),
    ];
    expect(notifyMessage([], now)).toEqual({ timestamp: 1_700_000_102, jobs: {} });
    expect(notifyMessage([execution()], now)).toEqual({ timestamp: 1_700_000_102, jobs: { QUEUED: [summary] } });
    const { jobs } = notifyMessage(pending, now);
    expect([jobs.IN_PROGRESS?.length, jobs.QUEUED?.length, jobs.QUEUED?.at(-1)?.jobId]).toEqual([1, 14, 'q-13']);
    const all = pendingMessage(pending, now);
    expect([all.inProgressJobs.length, all.queuedJobs.length, all.timestamp]).toEqual([1, 20, 1_700_000_102]);
    expect(pendingMessage([], now)).toEqual({ inProgressJobs: [], queuedJobs: [], timestamp: 1_700_000_102 });
  });

  it('reject with code, text, token and, where there is one, the state', () => {
    const state = { status: 'QUEUED', statusDetails: {}, versionNumber: 1 } as const;
    expect(errorMessage({ code: 'VersionMismatch', message: 'm', executionState: state }, now, 't')).toEqual({
      code: 'VersionMismatch',
      message: 'm',
      timestamp: 1_700_000_102,
      clientToken: 't',
      executionState: state,
    });
    expect(errorMessage({ code: 'InvalidJson', message: 'm' }, now)).toEqual({
      code: 'InvalidJson',
      message: 'm',
      timestamp: 1_700_000_102,
    });
  });
});
