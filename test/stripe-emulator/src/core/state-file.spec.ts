import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Change, StateFile } from './state-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'state-file-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What the changes come to. */
function replayed(changes: Change[]): Map<string, unknown> {
  const rows = new Map<string, unknown>();
  for (const change of changes) {
    if ('put' in change) rows.set(change.row.id, change.row);
    else if ('delete' in change) rows.delete(change.id);
  }
  return rows;
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('put' as const), id: fc.nat(9), value: fc.nat(), wait: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('delete' as const), id: fc.nat(9), value: fc.nat(), wait: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('rewrite' as const), id: fc.nat(9), value: fc.nat(), wait: fc.boolean() }),
  },
);

describe('the state file', () => {
  it('holds exactly what was flushed, however writes and rewrites overlap', async () => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        n += 1;
        const path = join(folder, `state-${n}`);
        const file = new StateFile(path);
        const live: Change[] = [];
        const whole = () => [...replayed(live).values()].map((row) => ({ put: 't', row: row as { id: string } }));
        await file.rewrite(whole);
        const going: Promise<void>[] = [];
        for (const { kind, id, value, wait } of steps) {
          if (kind === 'rewrite') going.push(file.rewrite(whole));
          else {
            const change: Change =
              kind === 'put'
                ? { put: 't', row: { id: String(id), value } as { id: string } }
                : { delete: 't', id: String(id) };
            live.push(change);
            file.add(change);
            going.push(file.flush());
          }
          if (wait) await going.at(-1);
        }
        await Promise.all(going);
        expect(replayed(await new StateFile(path).read())).toEqual(replayed(live));
        await file.close();
      }),
      { numRuns: 60 },
    );
    expect((await readdir(folder)).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it('says so when it cannot be written', async () => {
    await expect(new StateFile(join(folder, 'none', 'state')).rewrite(() => [])).rejects.toThrow('ENOENT');
  });
});
