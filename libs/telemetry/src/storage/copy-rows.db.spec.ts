import { newId } from '@throughline/kernel';
import fc from 'fast-check';
import pg from 'pg';
import { freshDatabase } from '../../../../test/support/database.js';
import { CopyRows, uuidBytes } from './copy-rows.js';
import { IngestStore } from './ingest.store.js';

let pool: pg.Pool;
let drop: () => Promise<void>;
beforeAll(async () => {
  const fresh = await freshDatabase();
  pool = new pg.Pool({ connectionString: fresh.url, max: 1 });
  drop = fresh.drop;
});
afterAll(async () => {
  await pool.end();
  await drop();
});

describe('rows for COPY', () => {
  it('arrive as they were, whatever their values, and also when a part of them is sent', async () => {
    const store = new IngestStore();
    const connection = await pool.connect();
    await store.prepare(connection);
    const row = fc.record({
      boot: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      seq: fc.maxSafeNat(),
      ts: fc.integer({ min: Date.UTC(1999, 0, 1), max: Date.UTC(2100, 0, 1) }),
      owned: fc.boolean(),
      values: fc.array(fc.oneof(fc.double(), fc.constant(Number.NaN)), { minLength: 1, maxLength: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(row, { selector: (r) => r.seq, minLength: 1, maxLength: 30 }),
        fc.nat(),
        async (list, cut) => {
          const [device, asset, customer] = [newId(), newId(), newId()];
          const rows = new CopyRows();
          const owner = Buffer.concat([uuidBytes(asset), uuidBytes(customer)]);
          for (const { boot, seq, ts, owned, values } of list)
            rows.add(uuidBytes(device), boot, seq, ts, owned ? owner : undefined, 3, Float64Array.from(values));
          const middle = cut % (list.length + 1);
          await store.begin(connection);
          const storedAt = Date.UTC(2026, 0, 1);
          for (const [from, to] of [
            [0, middle],
            [middle, list.length],
            [0, list.length],
          ] as const) {
            await store.insertMessages(connection, rows.stream(storedAt, from, to));
          }
          const { rows: found } = await connection.query(
            `select boot, seq::float8 as seq, (extract(epoch from ts) * 1000)::float8 as ts, asset_id, customer_id, schema_version, "values"
           from message where device_id = $1 order by seq`,
            [device],
          );
          await store.rollback(connection);
          expect(found).toEqual(
            [...list]
              .sort((a, b) => a.seq - b.seq)
              .map(({ boot, seq, ts, owned, values }) => ({
                boot,
                seq,
                ts,
                asset_id: owned ? asset : null,
                customer_id: owned ? customer : null,
                schema_version: 3,
                values,
              })),
          );
        },
      ),
      { numRuns: 30 },
    );
    connection.release();
  });
});
