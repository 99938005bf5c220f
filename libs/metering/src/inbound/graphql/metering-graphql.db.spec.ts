import { type ApiUnderTest, startApi } from '../../../../../test/support/api.js';
import { type Machines, machines } from '../../../../../test/support/machines.js';
import { RecomputeUsage } from '../../application/recompute-usage.js';
import { RegisterMeter } from '../../application/register-meter.js';

const NOW = Date.parse('2026-03-02T08:00:00Z');
let api: ApiUnderTest;
let world: Machines;
let assetId: string;

beforeAll(async () => {
  api = await startApi();
  world = await machines({ database: api.database, module: api.app }, { customerId: api.organisations.Alpha });
  await api.app.get(RegisterMeter).run(world.model.id, {
    name: 'output_m3',
    title: 'Air delivered',
    definition: { type: 'counter', metric: 'output_m3' },
  });
  const { asset, device } = await world.machine('Q-1');
  assetId = asset.id;
  await world.commit(
    assetId,
    [0, 30, 90, 150].map((minute, i) => ({
      deviceId: device.id,
      boot: 1,
      seq: i + 1,
      ts: NOW - (180 - minute) * 60_000,
      state: 2,
      output: 100 + minute / 10,
    })),
  );
  await api.app.get(RecomputeUsage).run(assetId, { from: NOW - 86_400_000, to: NOW });
});
afterAll(() => api.close());

const ask = async (query: string, at: 'alpha' | 'beta' = 'alpha') =>
  api.query(query, {}, await api.signIn('viewer', at));

describe('metering over GraphQL', () => {
  it('totals usage of the hours that begin in a period', async () => {
    const { data, errors } = await ask(`{ asset(id: "${assetId}") {
      all: usage(from: "2026-03-01T00:00:00Z", to: "2026-03-02T08:00:00Z") {
        meter { name title type unit } quantity { value unit } quality windows }
      part: usage(from: "2026-03-02T06:00:00Z", to: "2026-03-02T07:00:00Z") { quantity { value } windows }
      none: usage(from: "2026-03-02T08:00:00Z", to: "2026-03-02T09:00:00Z") { windows }
    } }`);
    expect(errors).toBeUndefined();
    expect(data?.asset).toEqual({
      all: [
        {
          meter: { name: 'output_m3', title: 'Air delivered', type: 'counter', unit: 'm3' },
          quantity: { value: '15', unit: 'm3' },
          quality: 'measured',
          windows: 4,
        },
      ],
      part: [{ quantity: { value: '6' }, windows: 1 }],
      none: [],
    });
  });

  it('shows the meters of models, and no usage of another customer', async () => {
    const { data } = await ask('{ models { meters { name } } }', 'beta');
    expect(data?.models).toContainEqual({ meters: [{ name: 'output_m3' }] });
    expect((await ask(`{ asset(id: "${assetId}") { id } }`, 'beta')).data?.asset).toBeNull();
  });

  it('refuses a period that ends before it begins', async () => {
    const { errors } = await ask(
      `{ asset(id: "${assetId}") { usage(from: "2026-03-02T08:00:00Z", to: "2026-03-01T08:00:00Z") { windows } } }`,
    );
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', faults: [{ field: 'to' }] });
  });
});
