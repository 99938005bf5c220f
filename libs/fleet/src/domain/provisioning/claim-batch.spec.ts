import { DomainError } from '@throughline/kernel';
import { type ClaimBatch, type ClaimBatchInput, checkActive, checkedBatch } from './claim-batch.js';

const now = new Date('2026-03-02T08:00:00Z');
const later = (ms: number) => new Date(now.getTime() + ms);
const input: ClaimBatchInput = { name: 'May', templateName: 'rx', maxCount: 10, expiresAt: later(1_000) };

const faults = (change: Partial<ClaimBatchInput>): string[] => {
  try {
    checkedBatch({ ...input, ...change }, now);
    return [];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return error.faults.map((f) => f.field);
  }
};

describe('a claim batch', () => {
  it.each<[Partial<ClaimBatchInput>, string[]]>([
    [{}, []],
    [{ serialNumbers: ['1', '2'] }, []],
    [{ name: ' ' }, ['name']],
    [{ maxCount: 0 }, ['maxCount']],
    [{ maxCount: 1.5 }, ['maxCount']],
    [{ maxCount: 1_000_001 }, ['maxCount']],
    [{ expiresAt: now }, ['expiresAt']],
    [{ expiresAt: later(6 * 366 * 86_400_000) }, ['expiresAt']],
    [{ expiresAt: new Date(Number.NaN) }, ['expiresAt']],
    [{ serialNumbers: [] }, ['serialNumbers']],
    [{ serialNumbers: ['1', ' '] }, ['serialNumbers']],
    [{ maxCount: -1, name: '', expiresAt: now }, ['name', 'maxCount', 'expiresAt']],
  ])('%j: %j', (change, expected) => {
    expect(faults(change)).toEqual(expected);
  });

  it('counts a serial number once', () => {
    expect(checkedBatch({ ...input, serialNumbers: ['a', 'b', 'a'] }, now).serialNumbers).toEqual(['a', 'b']);
  });

  it('is active until it expires or is deactivated', () => {
    const batch = { expiresAt: later(1), deactivatedAt: null } as ClaimBatch;
    expect(() => checkActive(batch, now)).not.toThrow();
    expect(() => checkActive(batch, later(1))).toThrow('has expired');
    expect(() => checkActive({ ...batch, deactivatedAt: now }, now)).toThrow('is deactivated');
  });
});
