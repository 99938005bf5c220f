import { ManualClock, newId } from '@throughline/kernel';
import { Database, Logger } from '@throughline/platform';
import fc from 'fast-check';
import { freshDatabase } from '../../../../../test/support/database.js';
import { compileSchema } from '../../domain/compiled-schema.js';
import { IngestStore } from '../../storage/ingest.store.js';
import { Batch } from './batch.js';
import { CommitBatch, type CommitResult } from './commit-batch.js';
import { DerivedState, learnRanges } from './derived-state.js';
import { IngestConnection } from './ingest-connection.js';
import { IngestSource } from './ingest-source.js';

const clock = new ManualClock(new Date('2026-03-01T00:00:00Z'));
const logger = new Logger({ logLevel: 'fatal' });
const modelId = newId();
const schema = compileSchema({
  modelId,
  version: 1,
  metrics: [{ name: 'x', title: 'X', unit: '1', kind: 'gauge' }],
});
const running = new AbortController();

let database: Database;
let drop: () => Promise<void>;
beforeAll(async () => {
  const fresh = await freshDatabase();
  database = new Database({ databaseUrl: fresh.url }, logger);
  drop = fresh.drop;
  await query("insert into model (id, name, title, stale_after_ms, state_map) values ($1, 'm', 'M', 60000, '{}')", [
    modelId,
  ]);
});
afterAll(async () => {
  await database.close();
  await drop();
});

const query = async <T>(text: string, values: unknown[] = []): Promise<T[]> =>
  (await database.pool.query(text, values)).rows as T[];

/** What a device says: `x` is its value, by which a second message with the same identity is seen to be another. */
interface Said {
  readonly device: 0 | 1;
  readonly boot: number;
  readonly seq: number;
  readonly x: number;
}

/** A gateway's memory and its way into the database. `copies`: whether it may copy past row-level security. */
class Writer {
  readonly store = new IngestStore();
  readonly connection: IngestConnection;
  readonly sources: IngestSource[];
  private readonly commits: CommitBatch;
  private readonly derived = new DerivedState();

  constructor(
    readonly deviceIds: readonly string[],
    copies: boolean,
  ) {
    const prepare = this.store.prepare.bind(this.store);
    this.store.prepare = async (c) => ({ copiesMessages: (await prepare(c)).copiesMessages && copies });
    this.connection = new IngestConnection(database, this.store, logger);
    this.commits = new CommitBatch(this.connection, this.store, clock, logger);
    this.sources = deviceIds.map(
      (deviceId) =>
        new IngestSource({ deviceId, thingName: deviceId, modelId, state: 'active', installations: [] }, schema),
    );
  }

  batch(said: readonly Said[]): Batch {
    const batch = new Batch();
    for (const { device, boot, seq, x } of said) {
      const source = this.sources[device];
      if (!source) throw new RangeError(`no device ${device}`);
      const payload = Buffer.from(JSON.stringify({ boot, seq, x }));
      batch.open({ source, topic: 't', payload, receivedAt: clock.now().getTime() }, () => undefined);
      batch.message({ boot, seq, ts: clock.now().getTime() }, Float64Array.of(x), schema, -1);
    }
    return batch;
  }

  async commit(batch: Batch): Promise<CommitResult> {
    const result = await this.commits.run(batch, running.signal);
    this.derived.committed(batch);
    batch.release();
    return result;
  }

  /** Reads what is stored of boots that are not in memory, as writing behind the messages does. */
  async learn(): Promise<void> {
    const unknown = this.derived
      .take()
      .boots()
      .filter(({ source, boot }) => !source.boots.has(boot));
    const asked = unknown.map(({ source, boot }) => ({ deviceId: source.entry.deviceId, boot }));
    learnRanges(unknown, await this.connection.once((c) => this.store.storedRanges(c, asked)));
  }
}

async function devices(): Promise<string[]> {
  const ids = [newId(), newId()];
  for (const id of ids)
    await query("insert into device (id, thing_name, model_id, state) values ($1::uuid, $1::text, $2, 'active')", [
      id,
      modelId,
    ]);
  return ids;
}

const said = fc.record<Said>({
  device: fc.constantFrom<0 | 1>(0, 1),
  boot: fc.constantFrom(1, 2),
  seq: fc.integer({ min: 0, max: 14 }),
  x: fc.constantFrom(1, 1, 1, 2),
});
const step = fc.record({
  writer: fc.constantFrom<0 | 1>(0, 1),
  messages: fc.array(said, { minLength: 1, maxLength: 12 }),
  inOrder: fc.boolean(),
  learn: fc.boolean(),
});

describe('a batch', () => {
  it('stores each identity once and the first of its contents, whatever is repeated, out of order, or stored by another gateway', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), fc.boolean(), async (steps, copies) => {
        const ids = await devices();
        const writers = [new Writer(ids, true), new Writer(ids, copies)];
        const truth = new Map<string, number>();
        for (const { writer: w, messages, inOrder, learn } of steps) {
          const writer = writers[w] as Writer;
          const list = inOrder ? [...messages].sort((a, b) => a.seq - b.seq) : messages;
          const expected = { stored: 0, duplicates: 0, conflicts: 0 };
          for (const { device, boot, seq, x } of list) {
            const key = `${ids[device]} ${boot} ${seq}`;
            const known = truth.get(key);
            if (known === undefined) truth.set(key, x);
            expected[known === undefined ? 'stored' : known === x ? 'duplicates' : 'conflicts'] += 1;
          }
          const { stored, duplicates, quarantined } = await writer.commit(writer.batch(list));
          expect({ stored, duplicates, conflicts: quarantined.length }).toEqual(expected);
          if (learn) await writer.learn();
        }
        const rows = await query<{ device_id: string; boot: number; seq: string; values: number[] }>(
          'select device_id, boot, seq, "values" from message where device_id = any ($1::uuid[])',
          [ids],
        );
        expect(new Map(rows.map((r) => [`${r.device_id} ${r.boot} ${r.seq}`, r.values[0]]))).toEqual(truth);
        for (const { connection, sources } of writers) {
          for (const source of sources)
            for (const [boot, ranges] of source.boots)
              for (let seq = 1; seq <= ranges.contiguous; seq += 1)
                expect(truth.has(`${source.entry.deviceId} ${boot} ${seq}`)).toBe(true);
          connection.close();
        }
      }),
      { numRuns: 25 },
    );
  });

  it('that this memory takes for new, and another gateway stored in part, is looked at row by row and the memory made anew', async () => {
    const ids = await devices();
    const [writer, other] = [new Writer(ids, true), new Writer(ids, true)];
    const at = (seq: number, x = 1): Said => ({ device: 0, boot: 1, seq, x });
    await writer.commit(writer.batch([at(1)]));
    await writer.learn();
    await other.commit(other.batch([at(2), at(3)]));
    const batch = writer.batch([at(2), at(3, 2), at(4)]);
    expect([batch.fresh.count, batch.others.count]).toEqual([3, 0]);
    const { stored, duplicates, quarantined } = await writer.commit(batch);
    expect([stored, duplicates, quarantined.map((q) => [q.reason, q.seq])]).toEqual([1, 1, [['identity_conflict', 3]]]);
    await writer.learn();
    expect(writer.sources[0]?.boots.get(1)?.contiguous).toBe(4);
    writer.connection.close();
    other.connection.close();
  });

  it('that was committed although nobody heard of it is found to be stored when it is tried again', async () => {
    const writer = new Writer(await devices(), true);
    const first = writer.batch([{ device: 0, boot: 1, seq: 1, x: 1 }]);
    await writer.commit(first);
    await writer.learn();
    const batch = writer.batch([2, 3, 4].map((seq) => ({ device: 0, boot: 1, seq, x: seq })));
    expect(batch.fresh.count).toBe(3);
    const storeNew = writer.store.storeNew.bind(writer.store);
    let calls = 0;
    writer.store.storeNew = async (...args) => {
      await storeNew(...args);
      calls += 1;
      throw new Error('the connection was lost');
    };
    expect(await writer.commit(batch)).toEqual({ stored: 0, duplicates: 3, quarantined: [] });
    expect(calls).toBe(1);
    const [told] = await query<{ n: number }>('select count(*)::int as n from message where device_id = $1', [
      writer.deviceIds[0],
    ]);
    expect(told?.n).toBe(4);
    writer.connection.close();
  });
});
