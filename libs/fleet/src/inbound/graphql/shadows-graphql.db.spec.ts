import { CreateDevice, RegisterModel } from '@throughline/fleet';
import { everyCustomer } from '@throughline/platform';
import { type ApiUnderTest, startApi } from '../../../../../test/support/api.js';
import { compressor } from '../../../test/fixture.js';
import { UpdateShadow } from '../../application/shadow/update-shadow.js';

let api: ApiUnderTest;
let deviceId: string;

beforeAll(async () => {
  api = await startApi();
  await api.app.get(RegisterModel).run(compressor);
  deviceId = (await api.app.get(CreateDevice).run(everyCustomer, { modelName: compressor.name, thingName: 'rx' })).id;
});
afterAll(() => api.close());

const ask = async (query: string, variables = {}, role: 'service' | 'auditor' | 'viewer' = 'service') =>
  api.query(query, variables, await api.signIn(role));
const code = async (...args: Parameters<typeof ask>) => (await ask(...args)).errors?.[0]?.extensions.code;
const update = `mutation ($t: String, $d: ID, $n: String, $desired: JSONObject!, $v: Int) {
  updateShadow(thingName: $t, deviceId: $d, name: $n, desired: $desired, expectedVersion: $v) {
    name version desired reported delta metadata updatedAt } }`;

describe('shadows over GraphQL', () => {
  it('are changed, shown with their history and author, and deleted', async () => {
    const key = { deviceId, thingName: 'rx', name: '' };
    const author = { kind: 'device', id: deviceId, name: 'rx' } as const;
    await api.app.get(UpdateShadow).run(everyCustomer, key, { state: { reported: { mode: 'eco' } } }, author);
    const at = api.clock.now();
    const timestamp = at.getTime() / 1_000;
    expect(await ask(update, { t: 'rx', desired: { mode: 'boost', old: 1 }, v: 1 })).toEqual({
      data: {
        updateShadow: {
          name: '',
          version: 2,
          desired: { mode: 'boost', old: 1 },
          reported: { mode: 'eco' },
          delta: { mode: 'boost', old: 1 },
          metadata: { desired: { mode: { timestamp }, old: { timestamp } }, reported: { mode: { timestamp } } },
          updatedAt: at.toISOString(),
        },
      },
    });
    const literal = 'mutation { updateShadow(thingName: "rx", desired: { old: null }) { desired } }';
    expect((await ask(literal)).data).toEqual({ updateShadow: { desired: { mode: 'boost' } } });
    expect((await ask(update, { d: deviceId, n: 'config', desired: { a: 1 } })).errors).toBeUndefined();
    const { data } = await ask(
      `query ($id: ID!) { device(id: $id) {
        shadows(first: 5) { totalCount edges { node { name version } } }
        shadow { version delta history(first: 1) { totalCount edges { node { version desired author { kind name } at } } } }
        config: shadow(name: "config") { desired } none: shadow(name: "none") { name } } }`,
      { id: deviceId },
      'auditor',
    );
    expect(data).toEqual({
      device: {
        shadows: {
          totalCount: 2,
          edges: [{ node: { name: '', version: 3 } }, { node: { name: 'config', version: 1 } }],
        },
        shadow: {
          version: 3,
          delta: { mode: 'boost' },
          history: {
            totalCount: 2,
            edges: [
              {
                node: {
                  version: 3,
                  desired: { mode: 'boost' },
                  author: { kind: 'user', name: 'service of Maker' },
                  at: at.toISOString(),
                },
              },
            ],
          },
        },
        config: { desired: { a: 1 } },
        none: null,
      },
    });
    const gone = 'mutation { deleteShadow(thingName: "rx", name: "config") { thingName shadows { totalCount } } }';
    expect((await ask(gone)).data).toEqual({ deleteShadow: { thingName: 'rx', shadows: { totalCount: 1 } } });
    expect(await code(gone)).toBe('NOT_FOUND');
  });

  it('are refused with a code of the list, and every attempt is audited', async () => {
    expect(await code(update, { t: 'rx', desired: {}, v: 99 })).toBe('STATE_CONFLICT');
    expect(await code(update, { t: 'rx', desired: { a: 'x'.repeat(9_000) } })).toBe('INVALID_INPUT');
    expect(await code(update, { t: 'nobody', desired: {} })).toBe('NOT_FOUND');
    expect(await code(update, { t: 'rx', desired: {} }, 'auditor')).toBe('FORBIDDEN');
    expect(await code(`{ device(id: "${deviceId}") { shadow { version } } }`, {}, 'viewer')).toBe('FORBIDDEN');
    const rows = await api.database.read(everyCustomer, (em) =>
      em.execute<{ outcome: string; detail: Record<string, unknown>; actor_name: string }[]>(
        `select outcome, detail, actor_name from audit_entry where action = 'updateShadow' order by at, id`,
      ),
    );
    expect(rows.map((row) => row.outcome).sort()).toEqual([...Array(3).fill('done'), ...Array(4).fill('refused')]);
    expect(rows.find((row) => row.detail.error === 'STATE_CONFLICT')).toMatchObject({
      actor_name: 'service of Maker',
      detail: { thingName: 'rx', expectedVersion: 99 },
    });
  });
});
