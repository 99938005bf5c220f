import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { DurableJournal } from './durable-journal.js';
import { Journal, type JournalEntry } from './journal.js';
import type { DeviceMessage, TelemetryMessage } from './message.js';

const folder = mkdtempSync(join(tmpdir(), 'durable-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const fresh = () => {
  files += 1;
  return join(folder, `${files}.sqlite`);
};
const telemetry = (seq: number, boot = 1): TelemetryMessage => ({ ts: 1000 * seq, boot, seq, m: { state: 2 } });
const messages = (batch: readonly JournalEntry[]) => batch.map(({ message }) => message);

describe('a journal on disk', () => {
  it('does what the one in memory does, and after a start goes on where a broken connection would', () => {
    const op = fc.record({
      what: fc.constantFrom(
        'append',
        'append',
        'append',
        'claim',
        'claim',
        'ack',
        'ack',
        'release',
        'commit',
        'event',
        'resend',
        'start',
      ),
      n: fc.nat(6),
    });
    fc.assert(
      fc.property(fc.array(op, { maxLength: 60 }), (ops) => {
        const file = fresh();
        const memory = new Journal({ limit: 8 });
        let disk = DurableJournal.open(file, { limit: 8 });
        let open: { m: JournalEntry[]; d: JournalEntry[] }[] = [];
        let [seq, committed] = [0, 0];
        for (const { what, n } of ops) {
          if (what === 'append' || what === 'event') {
            if (what === 'append') seq += 1;
            const message: DeviceMessage = what === 'append' ? telemetry(seq) : { ts: seq, boot: 1, type: 'stop' };
            memory.append(message);
            disk.append(message);
          }
          if (what === 'claim') open.push({ m: memory.claim(n + 1, 10_000), d: disk.claim(n + 1, 10_000) });
          if (what === 'ack' || what === 'release') {
            const [batch] = open.splice(n % Math.max(1, open.length), 1);
            if (batch && what === 'ack') [memory.acknowledge(batch.m), disk.acknowledge(batch.d)];
            if (batch && what === 'release') [memory.release(batch.m), disk.release(batch.d)];
          }
          if (what === 'commit') {
            committed = Math.min(seq, committed + n);
            expect(disk.commit({ boot: 1, seq: committed })).toBe(memory.commit({ boot: 1, seq: committed }));
          }
          if (what === 'resend') {
            const asked = { boot: 1, ranges: [[1 + n, 4 + 2 * n]] as const };
            expect(disk.resend(asked)).toEqual(memory.resend(asked));
          }
          if (what === 'start') {
            disk.close();
            disk = DurableJournal.open(file, { limit: 8 });
            memory.rewind();
            open = [];
            // What was covered by a commit while it waited is gone from the disk; in memory it is passed over.
            expect(messages(disk.claim(99, 100_000))).toEqual(messages(memory.claim(99, 100_000)));
            disk.rewind();
            memory.rewind();
          }
          expect(open.map(({ d }) => messages(d))).toEqual(open.map(({ m }) => messages(m)));
          expect(disk.lost).toEqual(memory.lost);
        }
        disk.close();
      }),
      { numRuns: 40 },
    );
  });

  it('is open in one process at a time', () => {
    const file = fresh();
    const journal = DurableJournal.open(file);
    expect(() => DurableJournal.open(file)).toThrow(`${file}: database is locked`);
    journal.close();
    DurableJournal.open(file).close();
  });

  it('knows the last boot, from what was begun and from what it holds', () => {
    const file = fresh();
    const journal = DurableJournal.open(file);
    expect(journal.lastBoot).toBe(0);
    journal.begin(3);
    journal.append(telemetry(1, 5));
    journal.close();
    const again = DurableJournal.open(file);
    expect(again.lastBoot).toBe(5);
    again.close();
  });

  it.each<[string, (file: string) => void]>([
    ['empty', (file) => truncateSync(file, 0)],
    ['cut off', (file) => truncateSync(file, 9_000)],
    ['overwritten', (file) => writeFileSync(file, Buffer.alloc(20_000, 7))],
    ['damaged inside', (file) => writeFileSync(file, readFileSync(file).fill(0x5a, 4_096))],
  ])('that is %s is set aside with a word, and a new one begun', (_what, damage) => {
    const file = fresh();
    const journal = DurableJournal.open(file);
    for (let seq = 1; seq <= 300; seq += 1) journal.append(telemetry(seq));
    journal.close();
    damage(file);
    const said: unknown[] = [];
    const next = DurableJournal.open(file, { log: (level, msg, fields) => said.push([level, msg, fields]) });
    expect(said).toEqual([
      ['warn', 'journal damaged: set aside, what it held is lost', expect.objectContaining({ file })],
    ]);
    expect(next.size).toBe(0);
    next.append(telemetry(1));
    next.close();
    expect(readdirSync(folder).filter((name) => name.startsWith(`${files}.sqlite.damaged-`))).toHaveLength(1);
    const good = DurableJournal.open(file);
    expect(good.size).toBe(1);
    good.close();
  });

  it('holds what the process said it had, wherever that is killed', async () => {
    const file = fresh();
    const truth = {
      appended: new Map<number, number>(),
      committed: new Map<number, number>(),
      boots: new Set<number>(),
    };
    const tried = new Map<number, number>();
    for (let round = 0; round < 20; round += 1) {
      const child = spawn(
        process.execPath,
        ['--no-warnings', join(import.meta.dirname, '../../test/journal-writer.mjs'), file],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      let out = '';
      child.stdout.on('data', (data) => {
        out += data;
      });
      await once(child.stdout, 'data');
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
      child.kill('SIGKILL');
      await once(child, 'close');
      for (const line of out.split('\n')) {
        const [what, boot = 0, seq = 0] = line.split(' ').map((word, i) => (i === 0 ? word : Number(word))) as [
          string,
          number,
          number,
        ];
        if (what === 'boot') {
          expect(truth.boots.has(boot)).toBe(false);
          truth.boots.add(boot);
        }
        if (what === 'try') tried.set(boot, seq);
        if (what === 'appended') truth.appended.set(boot, seq);
        if (what === 'commit') truth.committed.set(boot, seq);
      }
      const journal = DurableJournal.open(file);
      const held = new Map<number, number[]>();
      for (let batch = journal.claim(100, 1e6); batch.length > 0; batch = journal.claim(100, 1e6))
        for (const { message } of batch)
          held.set(message.boot, [...(held.get(message.boot) ?? []), 'seq' in message ? message.seq : 0]);
      journal.close();
      for (const boot of truth.boots) {
        const seqs = held.get(boot) ?? [];
        const from = (truth.committed.get(boot) ?? 0) + 1;
        const last = truth.appended.get(boot) ?? 0;
        // Everything appended and not committed, in order; at most the one message and the one commit under way besides.
        expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => (seqs[0] ?? 0) + i));
        if (last >= from) expect(seqs[0] ?? Number.NaN).toBeLessThanOrEqual(from + 5);
        expect((seqs.at(-1) ?? last) >= last).toBe(true);
        expect(seqs.at(-1) ?? 0).toBeLessThanOrEqual(tried.get(boot) ?? 0);
      }
    }
    expect(truth.boots.size).toBe(20);
    expect([...truth.appended.values()].reduce((sum, n) => sum + n, 0)).toBeGreaterThan(50);
  }, 60_000);
});
