import { newId } from '@throughline/kernel';
import fc from 'fast-check';
import { filledIn, placeholdersIn } from './document.js';
import { checkedIotJob, type IotJobInput, mayBecome, type RetryCriterion, retryFollows } from './iot-job.js';

const input = (change: Partial<IotJobInput> = {}): IotJobInput => ({
  document: { operation: 'install' },
  deviceIds: [newId()],
  targetLabel: 'pump-7',
  ...change,
});

describe('a new job', () => {
  it('is taken with its document as text, each device once', () => {
    const id = newId();
    expect(checkedIotJob(input({ jobId: 'fw_1-a', deviceIds: [id, id], document: '{ "b": 1.0, "a": 2 }' }))).toEqual({
      jobId: 'fw_1-a',
      description: '',
      document: '{ "b": 1.0, "a": 2 }',
      placeholders: [],
      deviceIds: [id],
      targetLabel: 'pump-7',
      inProgressTimeoutMinutes: null,
      retries: [],
    });
  });

  it.each<[string, Partial<IotJobInput>, RegExp]>([
    ['name', { jobId: 'a b' }, /^jobId: /],
    ['long name', { jobId: 'x'.repeat(65) }, /^jobId: /],
    ['document that is a list', { document: [] }, /^document: must be a JSON object/],
    ['document that is no JSON', { document: '{' }, /^document: must be a JSON object/],
    ['oversize document', { document: { a: 'x'.repeat(32 * 1024 - 7) } }, /^document: must have at most 32768 bytes/],
    ['no devices', { deviceIds: [] }, /^deviceIds: must be 1 to 10000 devices/],
    ['strange devices', { deviceIds: ['x'] }, /^deviceIds: must be ids/],
    ['empty label', { targetLabel: '' }, /^targetLabel: /],
    ['timeout', { inProgressTimeoutMinutes: 0 }, /^inProgressTimeoutMinutes: .*10080/],
    ['long timeout', { inProgressTimeoutMinutes: 10_081 }, /^inProgressTimeoutMinutes: /],
    ['too many retries', { retries: [{ failureType: 'ALL', numberOfRetries: 11 }] }, /^retries: .*10/],
    [
      'too many retries together',
      {
        retries: [
          { failureType: 'FAILED', numberOfRetries: 6 },
          { failureType: 'TIMED_OUT', numberOfRetries: 5 },
        ],
      },
      /^retries: .*in all/,
    ],
    [
      'ALL beside another',
      {
        retries: [
          { failureType: 'ALL', numberOfRetries: 1 },
          { failureType: 'FAILED', numberOfRetries: 1 },
        ],
      },
      /^retries: must have ALL alone/,
    ],
  ])('is refused for its %s', (_, change, message) => {
    expect(() => checkedIotJob(input(change))).toThrow(message);
  });

  it('may be just as large as it may be', () => {
    expect(checkedIotJob(input({ document: { a: 'x'.repeat(32 * 1024 - 8) } })).document).toHaveLength(32 * 1024);
  });
});

describe('a job', () => {
  it('is over before it is deleted, unless that is forced, and is cancelled only while it runs', () => {
    expect(mayBecome('IN_PROGRESS', 'DELETION_IN_PROGRESS', false)).toBe(false);
    expect(mayBecome('IN_PROGRESS', 'DELETION_IN_PROGRESS', true)).toBe(true);
    expect(mayBecome('COMPLETED', 'CANCELED', true)).toBe(false);
    expect(mayBecome('CANCELED', 'CANCELED', true)).toBe(true);
    expect(mayBecome('COMPLETED', 'DELETION_IN_PROGRESS', false)).toBe(true);
  });

  it('is tried again as often as its criteria say', () => {
    const follows = (retries: RetryCriterion[], ...statuses: ('FAILED' | 'TIMED_OUT' | 'REJECTED')[]) =>
      retryFollows(
        retries,
        statuses.at(-1) ?? 'FAILED',
        statuses.map((status) => ({ status })),
      );
    const failed2: RetryCriterion[] = [{ failureType: 'FAILED', numberOfRetries: 2 }];
    expect(follows(failed2, 'FAILED')).toBe(true);
    expect(follows(failed2, 'FAILED', 'FAILED')).toBe(true);
    expect(follows(failed2, 'FAILED', 'FAILED', 'FAILED')).toBe(false);
    expect(follows(failed2, 'TIMED_OUT')).toBe(false);
    expect(follows([{ failureType: 'ALL', numberOfRetries: 1 }], 'TIMED_OUT')).toBe(true);
    expect(follows([{ failureType: 'ALL', numberOfRetries: 1 }], 'TIMED_OUT', 'FAILED')).toBe(false);
    expect(follows([], 'FAILED')).toBe(false);
  });
});

const link = (path: string): string => `\${throughline:presigned-url:${path}}`;

describe('a document', () => {
  const document = JSON.stringify({
    url: link('rx90/1.2.bin'),
    files: [{ a: `see ${link('notes')} and ${link('notes')}` }],
    other: `\${aws:iot:s3-presigned-url:x}`,
    [link('key')]: 1,
  });

  it('has its links filled in, in texts only, and what is unknown stays', () => {
    expect(placeholdersIn(document)).toEqual(['rx90/1.2.bin', 'notes']);
    expect(filledIn(document, new Map([['notes', 'https://x/$&']]))).toEqual({
      url: link('rx90/1.2.bin'),
      files: [{ a: 'see https://x/$& and https://x/$&' }],
      other: `\${aws:iot:s3-presigned-url:x}`,
      [link('key')]: 1,
    });
  });

  it('without links is handed out as it was given', () => {
    fc.assert(
      fc.property(fc.object(), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.stringify(filledIn(text, new Map()))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });
});
