import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { DurableJournal } from './durable-journal.js';
import { Journal, type JournalEntry, JournalFullError, type JournalOptions } from './journal.js';
import type { EventMessage, TelemetryMessage } from './message.js';

const telemetry = (seq: number, boot = 1): TelemetryMessage => ({ ts: 1000 * seq, boot, seq, m: { state: 2 } });
const event = (ts: number): EventMessage => ({ ts, boot: 1, type: 'operator_stop' });
const seqs = (batch: readonly JournalEntry[]) => batch.map(({ message }) => ('seq' in message ? message.seq : 'event'));

const folder = mkdtempSync(join(tmpdir(), 'journal-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const durable = (options: JournalOptions = {}): DurableJournal => {
  files += 1;
  return DurableJournal.open(join(folder, `${files}.sqlite`), options);
};

describe.each([
  ['in memory', (options: JournalOptions = {}) => new Journal(options), 100],
  ['on disk', durable, 15],
])('Journal %s', (_where, make, numRuns) => {
  function filled(count: number, options = {}): Journal {
    const journal = make(options);
    for (let seq = 1; seq <= count; seq += 1) journal.append(telemetry(seq));
    return journal;
  }

  it('gives out runs of telemetry up to the number of messages, and an event alone', () => {
    const journal = filled(3);
    journal.append(event(3500));
    journal.append(event(3600));
    journal.append(telemetry(4));
    expect(seqs(journal.claim(2, 10_000))).toEqual([1, 2]);
    expect(seqs(journal.claim(9, 10_000))).toEqual([3]);
    expect(seqs(journal.claim(9, 10_000))).toEqual(['event']);
    expect(seqs(journal.claim(9, 10_000))).toEqual(['event']);
    expect(seqs(journal.claim(9, 10_000))).toEqual([4]);
    expect(journal.claim(9, 10_000)).toEqual([]);
  });

  it('keeps a publish within its bytes, but always gives out one message', () => {
    const journal = filled(4);
    const size = JSON.stringify(telemetry(1)).length;
    expect(seqs(journal.claim(9, 2 + 2 * (size + 1)))).toEqual([1, 2]);
    expect(seqs(journal.claim(9, 1))).toEqual([3]);
  });

  it('forgets an event with its PUBACK and telemetry with its commit', () => {
    const journal = filled(2);
    journal.append(event(2500));
    const first = journal.claim(5, 10_000);
    const second = journal.claim(5, 10_000);
    journal.acknowledge(second);
    expect(journal.counts).toEqual({ waiting: 0, inflight: 2, acknowledged: 0, lost: 0 });
    journal.acknowledge(first);
    expect(journal.counts.acknowledged).toBe(2);
    expect(journal.commit({ boot: 1, seq: 1 })).toBe(1);
    expect(journal.commit({ boot: 2, seq: 9 })).toBe(0);
    expect(journal.commit({ boot: 1, seq: 2 })).toBe(1);
    expect(journal.size).toBe(0);
  });

  it('takes a commit that overtakes its PUBACK', () => {
    const journal = filled(2);
    const batch = journal.claim(5, 10_000);
    journal.commit({ boot: 1, seq: 2 });
    expect(journal.counts.inflight).toBe(2);
    journal.acknowledge(batch);
    expect(journal.size).toBe(0);
  });

  it('does not send again what was committed while it waited', () => {
    const journal = filled(4);
    journal.acknowledge(journal.claim(2, 10_000));
    expect(journal.rewind()).toBe(2);
    expect(journal.commit({ boot: 1, seq: 3 })).toBe(3);
    expect(seqs(journal.claim(9, 10_000))).toEqual([4]);
  });

  it('goes back to the oldest message in order after a failure', () => {
    const journal = filled(5);
    const first = journal.claim(2, 10_000);
    const second = journal.claim(2, 10_000);
    journal.release(second);
    journal.release(first);
    journal.release(first);
    expect(seqs(journal.claim(9, 10_000))).toEqual([1, 2, 3, 4, 5]);
  });

  it('gives up the oldest when full: first one that was acknowledged, then a waiting one, never one in flight', () => {
    const journal = filled(4, { limit: 4 });
    journal.acknowledge(journal.claim(1, 10_000));
    const inflight = journal.claim(1, 10_000);
    journal.append(telemetry(5));
    expect(journal.counts).toEqual({ waiting: 3, inflight: 1, acknowledged: 0, lost: 0 });
    journal.append(telemetry(6));
    expect(journal.counts).toEqual({ waiting: 3, inflight: 1, acknowledged: 0, lost: 1 });
    expect(journal.lost).toEqual([{ boot: 1, ranges: [[3, 3]] }]);
    expect(seqs(inflight)).toEqual([2]);
    expect(seqs(journal.claim(9, 10_000))).toEqual([4, 5, 6]);
  });

  it('refuses the newest under the other policy and keeps nothing of it', () => {
    const journal = filled(2, { limit: 2, overflow: 'reject' });
    expect(journal.hasRoom).toBe(false);
    expect(() => journal.append(telemetry(3))).toThrow(JournalFullError);
    expect(journal.counts).toEqual({ waiting: 2, inflight: 0, acknowledged: 0, lost: 0 });
    expect(() => make({ limit: 0 })).toThrow('limit: 0');
  });

  it('knows which numbers it gave up until a commit passes them', () => {
    const journal = filled(7, { limit: 3 });
    journal.append(event(1));
    expect(journal.lost).toEqual([{ boot: 1, ranges: [[1, 5]] }]);
    journal.commit({ boot: 1, seq: 3 });
    expect(journal.lost).toEqual([{ boot: 1, ranges: [[4, 5]] }]);
    journal.commit({ boot: 1, seq: 5 });
    expect(journal.lost).toEqual([]);
    expect(journal.counts.lost).toBe(5);
  });

  it('sends again what is asked for and says what it does not have', () => {
    const journal = filled(6);
    journal.acknowledge(journal.claim(3, 10_000));
    const inflight = journal.claim(1, 10_000);
    journal.commit({ boot: 1, seq: 1 });
    expect(
      journal.resend({
        boot: 1,
        ranges: [
          [9, 9],
          [1, 2],
          [2, 5],
        ],
      }),
    ).toEqual({
      again: 2,
      gone: [
        [1, 1],
        [9, 9],
      ],
    });
    expect(journal.resend({ boot: 2, ranges: [[1, 3]] })).toEqual({ again: 0, gone: [[1, 3]] });
    journal.acknowledge(inflight);
    expect(seqs(journal.claim(9, 10_000))).toEqual([2, 3, 5, 6]);
    expect(journal.counts).toEqual({ waiting: 0, inflight: 4, acknowledged: 1, lost: 0 });
  });

  it('loses nothing and repeats nothing committed, whatever the network does', () => {
    const action = fc.oneof(
      { weight: 4, arbitrary: fc.constant('append' as const) },
      { weight: 4, arbitrary: fc.constant('claim' as const) },
      { weight: 3, arbitrary: fc.constant('acknowledge' as const) },
      { weight: 1, arbitrary: fc.constant('release' as const) },
      { weight: 1, arbitrary: fc.constant('break' as const) },
      { weight: 2, arbitrary: fc.constant('commit' as const) },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(action, fc.nat(5)), { maxLength: 120 }), (actions) => {
        const journal = make();
        const stored = new Set<number>();
        const open: JournalEntry[][] = [];
        let appended = 0;
        let committed = 0;
        const claim = (most: number) => {
          const batch = journal.claim(most, 10_000);
          const numbers = seqs(batch).map(Number);
          expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
          for (const seq of numbers) expect(seq).toBeGreaterThan(committed);
          return batch;
        };
        const store = (batch: readonly JournalEntry[]) => {
          for (const seq of seqs(batch)) stored.add(Number(seq));
          journal.acknowledge(batch);
        };
        const commit = () => {
          while (stored.has(committed + 1)) committed += 1;
          journal.commit({ boot: 1, seq: committed });
        };
        for (const [what, n] of actions) {
          if (what === 'append') {
            appended += 1;
            journal.append(telemetry(appended));
          }
          if (what === 'claim') open.push(claim(n + 1));
          if (what === 'acknowledge') store(open.splice(n % Math.max(1, open.length), 1)[0] ?? []);
          if (what === 'release') journal.release(open.pop() ?? []);
          if (what === 'break') {
            journal.rewind();
            open.length = 0;
          }
          if (what === 'commit') commit();
        }
        journal.rewind();
        for (let batch = claim(7); batch.length > 0; batch = claim(7)) store(batch);
        commit();
        expect(committed).toBe(appended);
        expect(journal.size).toBe(0);
        expect(journal.counts.lost).toBe(0);
      }),
      { numRuns },
    );
  });
});
