import {
  executionLife,
  executionStates,
  isFinal,
  isReportedStatus,
  mayMove,
  reportedStates,
} from './execution-state.js';

describe('the life of an execution', () => {
  it('leads from the queue to an end by any path, and never back into the queue', () => {
    const reached = new Set<string>(['queued']);
    for (const state of reached) {
      const { device, service } = executionLife[state as keyof typeof executionLife];
      for (const next of [...device, ...service]) reached.add(next);
    }
    expect([...reached].sort()).toEqual([...executionStates].sort());
    for (const state of executionStates)
      for (const by of ['device', 'service'] as const) expect(mayMove(state, 'queued', by)).toBe(false);
  });

  it('ends for good but for our time-out, after which the device still has the last word', () => {
    expect(executionStates.filter(isFinal)).toEqual([
      'succeeded',
      'failed',
      'rejected',
      'gave_up',
      'expired',
      'canceled',
    ]);
    expect(executionLife.timed_out).toEqual({
      device: ['succeeded', 'failed', 'rejected', 'gave_up'],
      service: [],
    });
  });

  it('never lets a device set what is ours to set', () => {
    for (const state of executionStates)
      for (const ours of ['queued', 'sent', 'timed_out', 'expired', 'canceled'] as const)
        expect(mayMove(state, ours, 'device')).toBe(false);
    expect(Object.keys(reportedStates)).toEqual(['IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'REJECTED', 'TIMED_OUT']);
    for (const status of ['CREATED', 'succeeded', '', 'toString', '__proto__', null, 1])
      expect(isReportedStatus(status)).toBe(false);
  });
});
