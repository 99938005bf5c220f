import { jest } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { RecomputeTimeline, Timelines } from '@throughline/availability';
import { ClosePeriod } from '@throughline/billing';
import type { Terms } from '@throughline/contracts';
import { SwapDevice } from '@throughline/fleet';
import { type EvidencedWindow, RecomputeUsage, Usage } from '@throughline/metering';
import { Database, type EntityManager, everyCustomer, onlyCustomers, Queues } from '@throughline/platform';
import { type StripeEmulator, startStripeEmulator } from '@throughline/stripe-emulator';
import Stripe from 'stripe';
import { compressor } from '../../apps/cli/src/demo/catalogue.js';
import { distinct, isTelemetry, type MachineState } from '../../apps/device/src/index.js';
import { type FreshDatabase, freshDatabase, testConfig } from '../support/database.js';
import { type Child, startChild } from './support/child.js';
import { type Machine, type MachineSpec, type Sizes, simulate } from './support/machines.js';
import { freePort, openOffice, rowsOf, until, workerIsDone } from './support/office.js';
import { Devices } from './support/sending.js';
import {
  availabilityOf,
  difference,
  halfUp,
  keyOf,
  outputOf,
  type Span,
  scaled,
  statesOf,
  type Told,
  type TrueLines,
  total,
  trueLines,
} from './support/truth.js';
import { type CustomerSpec, identityOf, registerWorld, type World } from './support/world.js';

/**
 * Every machine reports each ten minutes, on each change of state and each full hour: some 120,000 messages. Twice as many
 * would show nothing else and take twice as long.
 */
const sizes: Sizes = { intervalMs: 600_000, cycleSeconds: [1_800, 3_600], duplicates: 0.03, disorder: 8 };
/** For a machine that does much else at the same time; a test that waits for something that never comes takes as long. */
jest.setTimeout(300_000);

const ZONE = 'Europe/Amsterdam';
const HOUR_MS = 3_600_000;
/** Clocks go forward on the 29th: 743 hours. */
const march: Span = { from: Date.UTC(2026, 1, 28, 23), to: Date.UTC(2026, 2, 31, 22) };
const april: Span = { from: march.to, to: Date.UTC(2026, 3, 30, 22) };
/** Messages go on a little into the month after. */
const life: Span = { from: march.from, to: april.from + 6 * HOUR_MS };
const day = (n: number, hour = 0): number => Date.UTC(2026, 2, n, hour);

const definition = {
  up: ['producing', 'ready', 'degraded'],
  down: ['vendor_down'],
  excluded: ['force_majeure', 'planned_maintenance', 'customer_caused', 'utility'],
  exclusions: 'removed',
  unknown: { mode: 'last_state_for', minutes: 15, then: 'excluded' },
  degraded: 'by_fraction',
  decimals: 2,
} as const;

const airAndUptime: Terms = {
  currency: 'EUR',
  cadence: 'month',
  charges: [
    { kind: 'recurring', key: 'base_fee', description: 'Base fee', amount: '149.00', per: 'asset' },
    {
      kind: 'usage',
      key: 'air',
      description: 'Compressed air',
      meter: 'output_m3',
      unit: 'm3',
      pooling: 'contract',
      price: {
        model: 'graduated',
        tiers: [
          { upTo: '500000', unitPrice: '0.0153' },
          { upTo: '2500000', unitPrice: '0.01157' },
          { upTo: null, unitPrice: '0.0098' },
        ],
      },
    },
    {
      kind: 'usage',
      key: 'hours',
      description: 'Hours under load',
      meter: 'loaded_time',
      unit: 'h',
      pooling: 'asset',
      price: { model: 'per_unit', unitPrice: '0.37' },
    },
  ],
  guarantees: [
    {
      kind: 'availability',
      key: 'uptime',
      description: 'Availability',
      target: '99.50',
      definition,
      basis: 'base_fee',
      capPercent: '9',
      bands: [
        { below: '99.50', creditPercent: '5' },
        { below: '98.50', creditPercent: '15' },
        { below: '96.00', creditPercent: '40' },
      ],
    },
  ],
};

/** Without a cap that could be reached, hours pooled, from the middle of the month on. */
const perHour: Terms = {
  currency: 'EUR',
  cadence: 'month',
  charges: [
    { kind: 'recurring', key: 'fee', description: 'Service fee', amount: '89.90', per: 'asset' },
    {
      kind: 'usage',
      key: 'hours',
      description: 'Hours under load',
      meter: 'loaded_time',
      unit: 'h',
      pooling: 'contract',
      price: { model: 'per_unit', unitPrice: '4.21' },
    },
  ],
  guarantees: [
    {
      kind: 'availability',
      key: 'uptime',
      description: 'Availability',
      target: '99.00',
      definition,
      basis: 'fee',
      capPercent: '100',
      bands: [{ below: '99.00', creditPercent: '25' }],
    },
  ],
};

const HARBOUR = 'Harbour Foods';
const NOORD = 'Noord Glas';
const customers: readonly CustomerSpec[] = [
  { name: HARBOUR, contract: 'HF-2026-03', terms: airAndUptime, from: march.from },
  { name: NOORD, contract: 'NG-2026-03', terms: perHour, from: day(11, 8) },
];

const machineSpecs: readonly MachineSpec[] = [
  ...[
    { profile: 'three-shift' },
    { profile: 'two-shift' },
    { profile: 'two-shift', reboots: [day(6, 3) + 1, day(20, 12) + 123_456] },
    { profile: 'troubled' },
    { profile: 'three-shift', registerMilliM3: 1e12 - 60_000_000 },
    { profile: 'weekend-idle' },
    { profile: 'two-shift', swapAt: day(17, 9) + 30 * 60_000 },
    { profile: 'troubled' },
    { profile: 'three-shift', losesNetwork: true },
    { profile: 'two-shift' },
    { profile: 'three-shift', delayed: { from: day(9, 5), to: day(11, 7) } },
    { profile: 'weekend-idle' },
    { profile: 'three-shift', late: true },
    { profile: 'troubled' },
    { profile: 'two-shift' },
    { profile: 'troubled' },
    { profile: 'weekend-idle' },
  ].map((spec, i) => ({ name: `HF-${String(i + 1).padStart(2, '0')}`, customer: HARBOUR, seed: 4_100 + i, ...spec })),
  ...[{ profile: 'two-shift' }, { profile: 'troubled' }, { profile: 'three-shift' }].map((spec, i) => ({
    name: `NG-0${i + 1}`,
    customer: NOORD,
    seed: 9_100 + i,
    ...spec,
  })),
];

const say = (what: string): void =>
  void process.stdout.write(`${Math.round(performance.now() / 100) / 10} s ${what}\n`);

interface Line {
  readonly charge_key: string;
  readonly kind: string;
  readonly asset_id: string | null;
  readonly meter: string | null;
  readonly quantity: string | null;
  readonly cents: string;
}

describe('a month of air', () => {
  let database: FreshDatabase;
  let emulator: StripeEmulator;
  let stripe: Stripe;
  let office: NestFastifyApplication;
  let gateway: Child;
  let worker: Child;
  let world: World;
  let machines: readonly Machine[];
  const devices = new Devices();

  beforeAll(async () => {
    say('begin');
    machines = machineSpecs.map((spec) => simulate(spec, life, march.to, sizes));
    say('simulated');
    database = await freshDatabase();
    const port = await freePort();
    const webhook = { url: `http://127.0.0.1:${port}/webhooks/stripe`, secret: 'whsec_scenario' };
    emulator = await startStripeEmulator({ webhook });
    stripe = new Stripe('sk_test_scenario', { host: emulator.host, port: emulator.port, protocol: 'http' });
    const settings = {
      DATABASE_URL: database.url,
      INSTALLATION_KEY: Buffer.alloc(32, 7).toString('base64'),
      STRIPE_SECRET_KEY: 'sk_test_scenario',
      STRIPE_WEBHOOK_SECRET: webhook.secret,
      STRIPE_API_BASE: emulator.url,
    };
    office = await openOffice(testConfig(database.url, settings), port);
    world = await registerWorld(office, { customers, machines, timeZone: ZONE, since: march.from });
    [gateway, worker] = await Promise.all([
      startChild('gateway', { ...settings, MQTT_PORT: '0', MQTTS_PORT: '0' }),
      startChild('worker', settings),
    ]);
    // Months are closed by this test, not by the hour.
    await office.get(Queues).queue('billing').removeJobScheduler('billing.close-due-periods');
    say('ready');
    await sendAll();
    say('sent');
    await workerIsDone(office);
    say('worked');
  });

  afterAll(async () => {
    await devices.close();
    await Promise.all([gateway?.stop(), worker?.stop()]);
    await office?.close();
    await emulator?.close();
    await database?.drop();
  });

  async function sendAll(): Promise<void> {
    const sending: Promise<void>[] = [];
    for (const { spec, controllers } of machines)
      for (const [i, { thing, before }] of controllers.entries()) {
        if (i > 0) {
          const [assetId, deviceId] = [world.assets.get(spec.name) ?? '', world.devices.get(thing) ?? ''];
          await office.get(SwapDevice).run(everyCustomer, { assetId, deviceId, at: new Date(spec.swapAt ?? 0) });
        }
        devices.connect(await identityOf(office, world, thing, gateway.ready.mqttsUrl ?? ''));
        sending.push(spec.losesNetwork ? devices.reportThroughLoss(thing, before) : devices.report(thing, before));
      }
    await Promise.all(sending);
    await devices.committed();
  }

  /** What a customer's contract owes for a period, as far as messages told before the close or in the end. */
  function truth(customer: string, period: Span, told: 'toldBefore' | 'toldInTheEnd'): TrueLines {
    const spec = customers.find(({ name }) => name === customer);
    if (!spec) throw new Error(`no customer ${customer}`);
    const stays = machines
      .filter((machine) => machine.spec.customer === customer)
      .map((machine) => ({
        told: { ...machine[told], assetId: world.assets.get(machine.spec.name) ?? '' },
        contracted: { from: spec.from, to: Number.MAX_SAFE_INTEGER },
      }));
    return trueLines(spec.terms, period, stays);
  }

  const contractOf = (customer: string): string => world.customers.get(customer)?.contractId ?? '';
  const close = (customer: string, month: string) =>
    office.get(ClosePeriod).run(everyCustomer, contractOf(customer), month);
  const linesOf = (statementId: string): Promise<Line[]> =>
    rowsOf<Line>(
      office,
      `select charge_key, kind, asset_id, meter, trim_scale(quantity)::text as quantity, (amount * 100)::bigint::text as cents
         from statement_line where statement_id = ? order by position`,
      [statementId],
    );
  const amounts = (lines: readonly Line[]): Map<string, bigint> =>
    new Map(lines.map((line) => [keyOf(line.charge_key, line.asset_id), BigInt(line.cents)]));
  const centsOf = (lines: TrueLines): Map<string, bigint> =>
    new Map([...lines].map(([key, { cents }]) => [key, cents]));

  it('stores every message once, whatever came twice, late or in disorder', async () => {
    const stored = await rowsOf<{ thing_name: string; n: number; gaps: number }>(
      office,
      `select d.thing_name, count(*)::int as n, (select sum(p.highest_seq - p.contiguous_seq)::int from boot_progress p
         where p.device_id = d.id) as gaps
       from device d join message m on m.device_id = d.id group by d.id, d.thing_name order by d.thing_name`,
    );
    const expected = machines
      .flatMap(({ controllers }) => controllers)
      .map(({ thing, before }) => ({ thing_name: thing, n: distinct(before).filter(isTelemetry).length, gaps: 0 }));
    expect(stored).toEqual(expected.sort((a, b) => (a.thing_name < b.thing_name ? -1 : 1)));
    const all = stored.reduce((sum, { n }) => sum + n, 0);
    expect(devices.sent).toBeGreaterThan(all * (1 + sizes.duplicates / 2));
    say(`${all} messages`);
  });

  it('has computed while messages came what each hour of each machine was', async () => {
    const windows = await rowsOf<{ asset_id: string; meter: string; hour: string; quantity: string }>(
      office,
      `select w.asset_id, m.name as meter, (extract(epoch from w.hour) * 1000)::bigint::text as hour, trim_scale(w.quantity)::text as quantity
         from usage_window w join meter m on m.id = w.meter_id where w.superseded_at is null`,
    );
    const stored = new Map(windows.map((w) => [`${w.asset_id} ${w.meter} ${w.hour}`, scaled(w.quantity, 3)]));
    const wrong: string[] = [];
    let hours = 0;
    for (const { spec, toldBefore } of machines) {
      const assetId = world.assets.get(spec.name) ?? '';
      for (let from = march.from; from < march.to; from += HOUR_MS) {
        hours += 1;
        for (const [meter, quantity] of trueHour({ ...toldBefore, assetId }, { from, to: from + HOUR_MS })) {
          const found = stored.get(`${assetId} ${meter} ${from}`) ?? 0n;
          if (found !== quantity)
            wrong.push(`${spec.name} ${meter} ${new Date(from).toISOString()}: ${found}, truly ${quantity}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(hours).toBe(20 * 743);
  });

  it('computes the same from scratch', async () => {
    const tricky = machines.filter(({ spec }) => Object.keys(spec).length > 4);
    expect(tricky).toHaveLength(6);
    const rollback = new Error('only looked at');
    // A reading on the hour belongs to the hour before, and a state is held after the last one.
    const around = { from: life.from - HOUR_MS, to: life.to + HOUR_MS };
    const looked = office.get(Database).transaction(everyCustomer, async (em) => {
      for (const { spec } of tricky) {
        const assetId = world.assets.get(spec.name) ?? '';
        const incremental = await derived(em, assetId);
        expect(incremental.length).toBeGreaterThan(3 * 700);
        await em.execute('delete from usage_window where asset_id = ?', [assetId]);
        await em.execute('delete from timeline_entry where asset_id = ?', [assetId]);
        await office.get(RecomputeTimeline).run(assetId, around);
        await office.get(RecomputeUsage).run(assetId, around);
        expect(await derived(em, assetId)).toEqual(incremental);
      }
      throw rollback;
    });
    await expect(looked).rejects.toBe(rollback);
  });

  it('closes the month once, whoever closes it at the same time, and derives nothing anew', async () => {
    const { now } = (await rowsOf<{ now: string }>(office, 'select clock_timestamp() as now'))[0] ?? {};
    const closed = await Promise.all([NOORD, HARBOUR, NOORD, NOORD].map((customer) => close(customer, '2026-03')));
    expect(closed.filter(({ changed }) => changed)).toHaveLength(2);
    expect(new Set(closed.map(({ statementId }) => statementId)).size).toBe(2);
    const anew = await rowsOf(
      office,
      `select 'window' from usage_window where stored_at >= ? or superseded_at >= ?
       union all select 'timeline' from timeline_entry where recorded_at >= ? or superseded_at >= ?`,
      [now, now, now, now],
    );
    expect(anew).toEqual([]);
    expect(await booked()).toMatchObject({ statements: 2 });
  });

  it('bills the truth to the cent', async () => {
    for (const customer of [HARBOUR, NOORD]) {
      const due = truth(customer, march, 'toldBefore');
      const statement = await statementOf(customer, march);
      const lines = await linesOf(statement.id);
      expect(amounts(lines)).toEqual(centsOf(due));
      expect(lines.map(quantityOf)).toEqual(lines.map((line) => trueQuantity(line, due)));
      expect(BigInt(statement.cents)).toBe(total(due));
      expect(statement.completeness).toBe('1');
    }
  });

  it('has met every rule of the terms: all tiers, all bands, the cap', () => {
    const due = truth(HARBOUR, march, 'toldBefore');
    const cubicMetres = (due.get(keyOf('air'))?.quantity ?? 0n) / 1000n;
    expect(cubicMetres).toBeGreaterThan(2_500_000n);
    const reached = machines
      .filter(({ spec }) => spec.customer === HARBOUR)
      .map(({ toldBefore }) => availabilityOf({ ...toldBefore, assetId: '' }, march) ?? 0n);
    const within = (below: bigint, from: bigint) => reached.filter((r) => r < below && r >= from).length;
    expect([within(10_000n, 9950n), within(9950n, 9850n), within(9850n, 9600n), within(9600n, 0n)]).not.toContain(0);
    const credits = [...due].filter(([key]) => key.startsWith('uptime')).map(([, { cents }]) => cents);
    // 9 % of 17 fees of 149.00.
    expect(credits.reduce((sum, cents) => sum - cents, 0n)).toBe(22_797n);
  });

  it("puts the same lines on Stripe's invoice, and is told of the payment", async () => {
    for (const customer of [HARBOUR, NOORD]) {
      const due = truth(customer, march, 'toldBefore');
      const { id } = await statementOf(customer, march);
      await until('the invoice to be out', async () => (await statementOf(customer, march)).state === 'finalised');
      const { stripe_invoice_id: invoiceId } = await statementOf(customer, march);
      const invoice = await stripe.invoices.retrieve(invoiceId ?? '');
      expect(invoice).toMatchObject({
        status: 'open',
        total: Number(total(due)),
        metadata: { throughline_statement: id },
      });
      expect(await stripeLines(invoice.id ?? '')).toEqual(sorted([...due.values()].map(({ cents }) => cents)));
      await stripe.invoices.pay(invoice.id ?? '', { paid_out_of_band: true });
      await until('the payment to be known', async () => (await statementOf(customer, march)).state === 'paid');
    }
  });

  it('books nothing when the month is closed again, or when Stripe tells everything again', async () => {
    const before = await booked();
    for (const customer of [HARBOUR, NOORD]) expect(await close(customer, '2026-03')).toMatchObject({ changed: false });
    const again = await Promise.all([HARBOUR, NOORD, HARBOUR, NOORD].map((customer) => close(customer, '2026-03')));
    expect(again.map(({ changed }) => changed)).toEqual([false, false, false, false]);
    for (const { id } of emulator.events()) emulator.webhooks.again(id);
    await emulator.webhooks.settled();
    await workerIsDone(office);
    expect(await booked()).toEqual(before);
    expect(before).toMatchObject({ statements: 2, invoices: 2 });
  });

  it('shows for every line the windows and messages under it', async () => {
    const statement = await statementOf(HARBOUR, march);
    const lines = (await linesOf(statement.id)).filter(({ kind }) => kind === 'usage');
    expect(lines).toHaveLength(1 + 17);
    for (const line of lines) {
      const windows = await office.get(Usage).windows(everyCustomer, {
        assetIds: line.asset_id ? [line.asset_id] : assetIdsOf(HARBOUR),
        interval: march,
        meters: [line.meter ?? ''],
        storedBefore: new Date(statement.stored_before),
      });
      const sum = windows.reduce((all, { quantity }) => all + scaled(quantity.value.toFixed(), 3), 0n);
      expect(sum).toBe(truth(HARBOUR, march, 'toldBefore').get(keyOf(line.charge_key, line.asset_id))?.quantity);
      if (line.meter === 'output_m3') await messagesUnder(windows);
    }
    // Compared here and not by a join: a database that was filled a minute ago has no statistics to plan one with.
    const stored = await rowsOf<{ key: string }>(
      office,
      "select concat_ws(' ', device_id, boot, seq, (extract(epoch from ts) * 1000)::bigint) as key from message",
    );
    const known = new Set(stored.map(({ key }) => key));
    const told = await rowsOf<{ key: string }>(
      office,
      `select distinct concat_ws(' ', e.ref->>'deviceId', e.ref->>'boot', e.ref->>'seq', e.ref->>'ts') as key
         from timeline_entry t cross join lateral (values (t.evidence->'first'), (t.evidence->'last')) as e(ref)
        where e.ref is not null`,
    );
    expect(told.length).toBeGreaterThan(0);
    const unfounded = told.filter(({ key }) => !known.has(key));
    expect(unfounded).toEqual([]);
  });

  it('corrects, with the next month, exactly what late data changed', async () => {
    await payByCard(HARBOUR);
    for (const { controllers } of machines)
      for (const { thing, after } of controllers) await devices.report(thing, after);
    await strayMessage();
    await devices.committed();
    await workerIsDone(office);
    for (const customer of [HARBOUR, NOORD]) {
      expect(await close(customer, '2026-04')).toMatchObject({ changed: true });
      const lines = await linesOf((await statementOf(customer, april)).id);
      const owed = centsOf(truth(customer, april, 'toldInTheEnd'));
      const inTheEnd = truth(customer, march, 'toldInTheEnd');
      const late = difference(inTheEnd, truth(customer, march, 'toldBefore'));
      expect(amounts(lines.filter(({ kind }) => kind !== 'correction'))).toEqual(owed);
      expect(amounts(lines.filter(({ kind }) => kind === 'correction'))).toEqual(late);
      if (customer === HARBOUR) {
        expect([...late.keys()]).toEqual(expect.arrayContaining([keyOf('air'), keyOf('hours', assetOf('HF-13'))]));
        expect([...late.keys()].some((key) => key.startsWith('uptime'))).toBe(true);
      } else expect(late.size).toBe(0);
      const marchBooked = await rowsOf<{ cents: string }>(
        office,
        `select sum(l.amount * 100)::bigint::text as cents from statement_line l join statement s on s.id = l.statement_id
          where s.contract_id = ? and l.period_from < ?`,
        [contractOf(customer), new Date(march.to)],
      );
      expect(BigInt(marchBooked[0]?.cents ?? 0)).toBe(total(inTheEnd));
    }
  });

  it('charges the card on file for the next month, corrections included', async () => {
    await until('the payment to be known', async () => (await statementOf(HARBOUR, april)).state === 'paid');
    await until('the invoice to be out', async () => (await statementOf(NOORD, april)).state === 'finalised');
    for (const customer of [HARBOUR, NOORD]) {
      const statement = await statementOf(customer, april);
      const lines = await linesOf(statement.id);
      const invoice = await stripe.invoices.retrieve(statement.stripe_invoice_id ?? '');
      expect(invoice.total).toBe(Number(statement.cents));
      expect(await stripeLines(invoice.id ?? '')).toEqual(sorted(lines.map(({ cents }) => BigInt(cents))));
    }
    const before = await booked();
    for (const month of ['2026-03', '2026-04'])
      for (const customer of [HARBOUR, NOORD]) expect(await close(customer, month)).toMatchObject({ changed: false });
    await workerIsDone(office);
    expect(await booked()).toEqual(before);
    expect(before).toMatchObject({ statements: 4, invoices: 4 });
  });

  it('lets a board that was exchanged speak for nobody', async () => {
    const stray = await rowsOf<{ asset_id: string | null; customer_id: string | null }>(
      office,
      'select asset_id, customer_id from message where device_id = ? and ts > ?',
      [world.devices.get('HF-07'), new Date(day(17, 10))],
    );
    expect(stray).toEqual([{ asset_id: null, customer_id: null }]);
  });

  it('shows a customer nothing of another', async () => {
    const own = world.customers.get(NOORD)?.id ?? '';
    const scope = onlyCustomers([own]);
    const tables = [
      'message',
      'device_event',
      'asset',
      'installation',
      'timeline_entry',
      'usage_window',
      'contract',
      'statement',
      'statement_line',
    ];
    for (const table of tables) {
      const seen = await office
        .get(Database)
        .read(scope, (em) => em.execute<{ customer_id: string }[]>(`select distinct customer_id from ${table}`));
      expect([table, seen]).toEqual([table, [{ customer_id: own }]]);
    }
    const theirs = { assetIds: assetIdsOf(HARBOUR), interval: march };
    expect(await office.get(Usage).windows(scope, theirs)).toEqual([]);
    expect(await office.get(Usage).windows(everyCustomer, theirs)).not.toEqual([]);
    expect([...(await office.get(Timelines).timelinesOf(scope, theirs.assetIds, march)).values()].flat()).toEqual([]);
    await expect(office.get(ClosePeriod).run(scope, contractOf(HARBOUR), '2026-03')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('ran without an error in any process', () => {
    expect([...gateway.errors, ...worker.errors]).toEqual([]);
  });

  const assetOf = (name: string): string => world.assets.get(name) ?? '';
  const assetIdsOf = (customer: string): string[] =>
    machines.filter(({ spec }) => spec.customer === customer).map(({ spec }) => assetOf(spec.name));

  /** Windows and timeline of an asset without what differs from one computation to the next. */
  async function derived(em: EntityManager, assetId: string): Promise<unknown[]> {
    return em.execute(
      `select meter_id::text as what, hour as from_at, null as to_at, trim_scale(quantity)::text as quantity, evidence
         from usage_window where asset_id = ? and superseded_at is null
       union all select category || ' ' || detail, from_at, to_at, fraction::text, evidence
         from timeline_entry where asset_id = ? and superseded_at is null order by 1, 2`,
      [assetId, assetId],
    );
  }

  async function statementOf(customer: string, { to }: Span): Promise<StatementRow> {
    const [row] = await rowsOf<StatementRow>(
      office,
      `select id, state, (total * 100)::bigint::text as cents, trim_scale(completeness)::text as completeness, stripe_invoice_id,
         stored_before from statement where contract_id = ? and period_to = ?`,
      [contractOf(customer), new Date(to)],
    );
    if (!row) throw new Error(`${customer} has no statement to ${new Date(to).toISOString()}`);
    return row;
  }

  /** Everything that a close could have added to. */
  async function booked(): Promise<Record<string, unknown>> {
    const [ours] = await rowsOf<Record<string, unknown>>(
      office,
      `select (select count(*)::int from statement) as statements, (select count(*)::int from statement_line) as lines,
         (select sum(total)::text from statement) as total, (select array_agg(state order by number) from statement) as states`,
    );
    const invoices = await stripe.invoices.list({ limit: 100 }).autoPagingToArray({ limit: 1_000 });
    return {
      ...ours,
      invoices: invoices.length,
      theirs: await Promise.all(invoices.map(async ({ id, total: of }) => [id, of, await stripeLines(id ?? '')])),
      changes: emulator.requests({ method: 'POST' }).length,
    };
  }

  async function stripeLines(invoiceId: string): Promise<bigint[]> {
    const lines = await stripe.invoices.listLineItems(invoiceId, { limit: 100 }).autoPagingToArray({ limit: 1_000 });
    return sorted(lines.map(({ amount }) => BigInt(amount)));
  }

  async function payByCard(customer: string): Promise<void> {
    const [account] = await rowsOf<{ ref: string }>(
      office,
      'select stripe_customer_id as ref from billing_account where customer_id = ?',
      [world.customers.get(customer)?.id],
    );
    const card = await stripe.paymentMethods.attach('pm_card_visa', { customer: account?.ref ?? '' });
    await stripe.customers.update(account?.ref ?? '', { invoice_settings: { default_payment_method: card.id } });
  }

  /** The exchanged board is switched on once more and claims a great output. */
  async function strayMessage(): Promise<void> {
    const machine = machines.find(({ spec }) => spec.swapAt !== undefined);
    const sent = machine?.controllers[0]?.before.filter(isTelemetry) ?? [];
    const seq = Math.max(...sent.map((message) => message.seq)) + 1;
    devices.agent('HF-07').deliver({ ts: day(18), boot: 1, seq, m: { output_m3: 9_000_000, state: 2 } });
  }

  /** Counter windows are differences of two messages that are stored with just these values. */
  async function messagesUnder(windows: readonly EvidencedWindow[]): Promise<void> {
    const readings = windows.flatMap(({ evidence }) => [evidence.from, evidence.to].filter((r) => r !== undefined));
    const ordinal = compressor.metrics.findIndex(({ name }) => name === 'output_m3') + 1;
    const found = await rowsOf<{ key: string; value: number }>(
      office,
      `select m.device_id || '/' || m.boot || '/' || m.seq as key, m.values[${ordinal}] as value
         from jsonb_to_recordset(?::jsonb) as r(device_id uuid, boot int, seq bigint)
         join message m using (device_id, boot, seq)`,
      [JSON.stringify(readings.map(({ deviceId, boot, seq }) => ({ device_id: deviceId, boot, seq })))],
    );
    const values = new Map(found.map(({ key, value }) => [key, value]));
    const shown = readings.map(({ deviceId, boot, seq }) => values.get(`${deviceId}/${boot}/${seq}`));
    expect(shown).toEqual(readings.map(({ value }) => Number(value)));
    const plain = windows.filter(({ evidence }) => !evidence.notes);
    expect(plain.length).toBeGreaterThan(0.99 * windows.length);
    expect(plain.map(({ quantity }) => scaled(quantity.value.toFixed(), 3))).toEqual(
      plain.map(({ evidence }) => scaled(evidence.to?.value ?? '', 3) - scaled(evidence.from?.value ?? '', 3)),
    );
  }
});

interface StatementRow {
  readonly id: string;
  readonly state: string;
  readonly cents: string;
  readonly completeness: string | null;
  readonly stripe_invoice_id: string | null;
  readonly stored_before: string;
}

const sorted = (amounts: readonly bigint[]): bigint[] => [...amounts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

/** In 10⁻¹² of the line's unit. */
const quantityOf = ({ charge_key, quantity }: Line): [string, bigint | undefined] => [
  charge_key,
  quantity === null ? undefined : scaled(quantity, 12),
];

/** The same from the truth: 0.001 m³ and ms as m³ and h, rounded half up where an hour's part has no end. */
function trueQuantity({ charge_key, asset_id, quantity }: Line, due: TrueLines): [string, bigint | undefined] {
  if (charge_key.endsWith('fee')) return [charge_key, quantity === null ? undefined : scaled(quantity, 12)];
  const exact = due.get(keyOf(charge_key, asset_id))?.quantity;
  const unit = charge_key === 'air' ? 1000n : BigInt(HOUR_MS);
  return [charge_key, exact === undefined ? undefined : halfUp(exact * 10n ** 12n, unit)];
}

/** What the meters count in an hour: 0.001 m³ and ms. */
function trueHour(told: Told, hour: Span): [meter: string, quantity: bigint][] {
  const states = statesOf(told, hour);
  const time = (...names: MachineState[]): bigint => names.reduce((sum, name) => sum + (states.get(name) ?? 0n), 0n);
  return [
    ['output_m3', outputOf(told, hour)],
    ['loaded_time', time('loaded')],
    ['available_time', time('loaded', 'unloaded', 'starting', 'standby', 'derated')],
  ];
}
