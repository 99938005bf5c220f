import fc from 'fast-check';
import type { Answer } from './answer.js';
import { answered, type Execution, isDeliverable, MAX_DELIVERIES, overdue, sent } from './execution.js';
import { executionStates, isFinal, mayMove, reportedStates } from './execution-state.js';
import { findingsOf } from './procedure.js';

const T0 = Date.UTC(2026, 2, 2, 8);
const at = (seconds: number) => new Date(T0 + seconds * 1000);

const fresh: Execution = {
  id: 'e',
  deviceId: 'd',
  assetId: 'a',
  customerId: 'c',
  definitionId: 'f',
  command: 'run-self-test',
  title: 'Self-test',
  version: 1,
  requestKey: 'k',
  arguments: {},
  requestedBy: 'Tess',
  createdAt: at(0),
  expiresAt: at(3_600),
  timeoutSeconds: 60,
  state: 'queued',
  sentAt: null,
  deliveries: 0,
  deadlineAt: null,
  startedAt: null,
  endedAt: null,
  updatedAt: at(0),
  reasonCode: null,
  reasonDescription: null,
  progressPercent: null,
  progressStep: null,
  log: null,
  result: null,
  resultFaults: null,
  late: false,
  lastAnswer: null,
};

const none = (): [] => [];
const answer = (status: Answer['status'], result: Answer['result'] = null): Answer => ({
  status,
  reasonCode: null,
  reasonDescription: null,
  result,
});
const after = (execution: Execution, a: Answer, seconds = 10): Execution => {
  const next = answered(execution, a, none, at(seconds));
  return 'changed' in next ? next.changed : execution;
};

describe('a time-out', () => {
  it('runs from the first sending, not from the waiting before and not anew with each sending', () => {
    const first = sent(fresh, at(1_000));
    expect(first).toMatchObject({ state: 'sent', deliveries: 1, sentAt: at(1_000), deadlineAt: at(1_060) });
    expect(sent(first, at(1_050))).toMatchObject({ deliveries: 2, sentAt: at(1_000), deadlineAt: at(1_060) });
  });

  it('ends at the instant, what waits by expiry and what was sent by its deadline', () => {
    expect(overdue(fresh, at(3_599.999))).toBeUndefined();
    expect(overdue(fresh, at(3_600))).toMatchObject({ state: 'expired', endedAt: at(3_600) });
    const out = sent(fresh, at(0));
    expect(overdue(out, at(59.999))).toBeUndefined();
    expect(overdue(out, at(60))).toMatchObject({ state: 'timed_out', reasonCode: '$NO_RESPONSE_FROM_DEVICE' });
    expect(overdue(after(out, answer('IN_PROGRESS')), at(60))).toMatchObject({ state: 'timed_out', startedAt: at(10) });
    for (const state of executionStates.filter((s) => !['queued', 'sent', 'in_progress'].includes(s)))
      expect(overdue({ ...out, state }, at(9_999))).toBeUndefined();
  });
});

describe('sending', () => {
  it('of what waits is until its expiry, of what was sent only to one that begins to listen, and a few times', () => {
    expect(isDeliverable(fresh, at(3_599), false)).toBe(true);
    expect(isDeliverable(fresh, at(3_600), true)).toBe(false);
    const out = sent(fresh, at(0));
    expect(isDeliverable(out, at(1), false)).toBe(false);
    expect(isDeliverable(out, at(1), true)).toBe(true);
    expect(isDeliverable(out, at(60), true)).toBe(false);
    expect(isDeliverable({ ...out, deliveries: MAX_DELIVERIES }, at(1), true)).toBe(false);
    expect(isDeliverable(after(out, answer('IN_PROGRESS')), at(11), true)).toBe(false);
  });
});

describe('progress', () => {
  it('is kept apart from the result, and what is not said stays', () => {
    const one = after(sent(fresh, at(0)), answer('IN_PROGRESS', { percent: '25', step: 'motor', log: 'a' }));
    expect(one).toMatchObject({ progressPercent: 25, progressStep: 'motor', log: 'a', result: null });
    const two = after(one, answer('IN_PROGRESS', { percent: '101', note: 'x' }));
    expect(two).toMatchObject({ progressPercent: 25, progressStep: 'motor', log: 'a', result: { note: 'x' } });
    expect(after(two, answer('SUCCEEDED', { outcome: 'pass', log: 'a\nb' }))).toMatchObject({
      log: 'a\nb',
      result: { outcome: 'pass' },
    });
  });

  it('keeps the newest whole lines of a long log', () => {
    const lines = Array.from({ length: 2_000 }, (_, i) => `line ${i} äöü`);
    const kept = (after(sent(fresh, at(0)), answer('IN_PROGRESS', { log: lines.join('\n') })).log ?? '').split('\n');
    expect(kept.length).toBeGreaterThan(500);
    expect(kept).toEqual(lines.slice(-kept.length));
  });
});

describe('answers in any order', () => {
  const anyAnswer = fc.record({
    status: fc.constantFrom(...(Object.keys(reportedStates) as Answer['status'][])),
    reasonCode: fc.constantFrom(null, 'A'),
    reasonDescription: fc.constant(null),
    result: fc.option(fc.dictionary(fc.constantFrom('percent', 'log', 'x'), fc.constantFrom('1', '2', true))),
  });
  const steps = fc.array(fc.oneof(anyAnswer, fc.constantFrom('overdue' as const, 'send' as const)), { maxLength: 25 });

  it('follow the table, end once but for a time-out, and the same again changes nothing', () => {
    fc.assert(
      fc.property(steps, (list) => {
        let execution = fresh;
        let now = 0;
        for (const step of list) {
          now += 25;
          const before = execution;
          if (step === 'overdue') execution = overdue(execution, at(now)) ?? execution;
          else if (step === 'send') {
            if (isDeliverable(execution, at(now), true)) execution = sent(execution, at(now));
          } else {
            const next = answered(execution, step, none, at(now));
            if ('changed' in next) {
              execution = next.changed;
              expect(mayMove(before.state, execution.state, 'device')).toBe(true);
              expect(answered(execution, step, none, at(now))).toEqual({ repeated: true });
            }
          }
          if (isFinal(before.state)) expect(execution).toEqual(before);
          expect(execution.endedAt === null).toBe(['queued', 'sent', 'in_progress'].includes(execution.state));
          expect(execution.late && execution.state === 'timed_out').toBe(false);
          const { from, to } = findingsOf('self-test', execution);
          if (to) expect(from && from <= to).toBe(true);
        }
      }),
    );
  });
});

describe('the finding of a run', () => {
  it('is the outcome of a result that fits, and none otherwise', () => {
    const out = sent(fresh, at(0));
    const of = (execution: Execution) => findingsOf('self-test', execution).verdict;
    expect(of(after(out, answer('SUCCEEDED', { outcome: 'pass' })))).toBe('passed');
    expect(of(after(out, answer('SUCCEEDED', { outcome: 'fail' })))).toBe('failed');
    expect(of(after(out, answer('FAILED', { outcome: 'pass' })))).toBeNull();
    const misfit = answered(
      out,
      answer('SUCCEEDED', { outcome: 'pass' }),
      () => [{ field: 'result', value: 1, rule: 'r' }],
      at(1),
    );
    expect('changed' in misfit && of(misfit.changed)).toBeNull();
    expect(findingsOf('self-test', fresh)).toEqual({ from: null, to: null, verdict: null });
  });
});
