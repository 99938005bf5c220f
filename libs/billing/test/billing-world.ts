import { MarkTimelineDirty, RecomputeMarkedTimelines } from '@throughline/availability';
import { BillingModule } from '@throughline/billing';
import { type Contract, CreateContract, CreatePlan, PublishPlanVersion, type Terms } from '@throughline/contracts';
import type { Clock } from '@throughline/kernel';
import { MarkUsageDirty, RecomputeMarkedUsage, RegisterMeter } from '@throughline/metering';
import { everyCustomer } from '@throughline/platform';
import type { Statement, StatementLine } from '@throughline/schema/billing';
import { type StripeEmulator, startStripeEmulator } from '@throughline/stripe-emulator';
import Stripe from 'stripe';
import { type TestContext, testModule } from '../../../test/support/database.js';
import { type Host, type Machines, machines, type TestMessage } from '../../../test/support/machines.js';
import { baseFee, graduated, output, termsOf, uptime } from '../../../test/support/rating-examples.js';

export const MINUTE = 60_000;
export const WEBHOOK_SECRET = 'whsec_test';
export const stripeEnv = (apiBase: string): Record<string, string> => ({
  STRIPE_SECRET_KEY: 'sk_test_billing',
  STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
  STRIPE_API_BASE: apiBase,
});

/** 450.00 an asset, 0.0115 then 0.0090 a cubic metre, and 99 % availability. */
export const compressorTerms: Terms = termsOf(
  [baseFee(), output(graduated(['10000', '0.0115'], [null, '0.0090']))],
  [uptime()],
);

/** Short ways to make what billing tests need. */
export interface Workshop {
  readonly machines: Machines;
  contract(
    assetIds: readonly string[],
    from: string,
    more?: { terms?: Terms; to?: string; timeZone?: string },
  ): Promise<Contract>;
  /** Messages a minute apart over [from, to): loaded and delivering a cubic metre a minute unless said otherwise. */
  run(machine: Machine, from: string, to: string, more?: { state?: number; perMinute?: number }): TestMessage[];
  /** Commits messages as if they came now. */
  commit(machine: Machine, messages: readonly TestMessage[]): Promise<void>;
  /** Notes that messages changed, as the arrival of messages does. */
  mark(machine: Machine, from: string, to: string): Promise<void>;
  /** Lets timeline and windows follow what was committed, as the worker would. */
  derive(machine: Machine, from: string, to: string): Promise<void>;
  statement(id: string): Promise<Statement>;
  lines(statementId: string): Promise<StatementLine[]>;
  count(table: string): Promise<number>;
  /** Names of the outbox's rows, oldest first. */
  outbox(): Promise<string[]>;
}

export interface BillingWorld extends Workshop {
  readonly context: TestContext;
  readonly emulator: StripeEmulator;
  readonly stripe: Stripe;
  close(): Promise<void>;
}

export type Machine = Awaited<ReturnType<Machines['machine']>>;

/** A customer with compressors under contract, and a running Stripe double. */
export async function billingWorld(
  now: string,
  imports: Parameters<typeof testModule>[0] = [BillingModule],
  webhookUrl?: string,
): Promise<BillingWorld> {
  let clock = { now: () => new Date(now) };
  const emulator = await startStripeEmulator({
    clock: { now: () => clock.now() },
    ...(webhookUrl && { webhook: { url: webhookUrl, secret: WEBHOOK_SECRET }, webhookRetryAfterMs: [20, 20, 20] }),
  });
  const context = await testModule(imports, now, stripeEnv(emulator.url));
  clock = context.clock;
  return {
    ...(await workshop(context, context.clock)),
    context,
    emulator,
    stripe: new Stripe('sk_test_billing', { host: emulator.host, port: emulator.port, protocol: 'http' }),
    close: async () => {
      await context.close();
      await emulator.close();
    },
  };
}

/** In a test module or an application; a customer is made when none is given. */
export async function workshop(host: Host, clock: Clock, given?: { customerId: string }): Promise<Workshop> {
  const world = await machines(host, given);
  const module = { get: <T>(type: new (...args: never[]) => T): T => host.module.get(type, { strict: false }) };
  await module.get(RegisterMeter).run(world.model.id, {
    name: 'output_m3',
    title: 'Air delivered',
    definition: { type: 'counter', metric: 'output_m3' },
  });
  const progress = new Map<string, { seq: number; output: number }>();
  const mark: BillingWorld['mark'] = async ({ asset }, from, to) => {
    const range = { assetId: asset.id, from: Date.parse(from), to: Date.parse(to) };
    await module.get(MarkTimelineDirty).run([range]);
    await module.get(MarkUsageDirty).run([range]);
  };
  let plans = 0;
  let contracts = 0;
  return {
    machines: world,
    contract: async (assetIds, from, { terms = compressorTerms, to, timeZone = 'Europe/Amsterdam' } = {}) => {
      plans += 1;
      contracts += 1;
      const draft = await module.get(CreatePlan).run(everyCustomer, `Plan ${world.customerId} ${plans}`, terms);
      await module.get(PublishPlanVersion).run(everyCustomer, draft.id);
      return module.get(CreateContract).run(everyCustomer, {
        number: `HF-${world.customerId.slice(-4)}-${contracts}`,
        customerId: world.customerId,
        planVersionId: draft.id,
        assetIds,
        from: new Date(from),
        ...(to && { to: new Date(to) }),
        timeZone,
      });
    },
    run: ({ device }, from, to, { state = 2, perMinute = 1 } = {}) => {
      const messages: TestMessage[] = [];
      const at = progress.get(device.id) ?? { seq: 0, output: 1_000 };
      for (let ts = Date.parse(from); ts < Date.parse(to); ts += MINUTE) {
        at.seq += 1;
        at.output += state === 2 ? perMinute : 0;
        messages.push({ deviceId: device.id, boot: 1, seq: at.seq, ts, state, output: at.output });
      }
      progress.set(device.id, at);
      return messages;
    },
    commit: ({ asset }, messages) => {
      const storedAt = clock.now().getTime();
      return world.commit(
        asset.id,
        messages.map((message) => ({ ...message, storedAt })),
      );
    },
    mark,
    derive: async (machine, from, to) => {
      await mark(machine, from, to);
      await module.get(RecomputeMarkedTimelines).run();
      await module.get(RecomputeMarkedUsage).run();
    },
    statement: async (id) => {
      const [row] = await world.rows<Record<string, unknown>>(
        `select id, number, state, total::text, currency, completeness::text, stripe_invoice_id as "stripeInvoiceId",
           stripe_invoice_number as "stripeInvoiceNumber", stripe_total::text as "stripeTotal", hosted_invoice_url as "hostedInvoiceUrl",
           finalised_at as "finalisedAt", paid_at as "paidAt" from statement where id = ?`,
        [id],
      );
      if (!row) throw new Error(`no statement ${id}`);
      return row as unknown as Statement;
    },
    lines: (statementId) =>
      world.rows<StatementLine>(
        `select id, position, kind, charge_key as "chargeKey", description, asset_id as "assetId", trim_scale(quantity)::text as quantity,
           amount::text, period_from as "periodFrom", period_to as "periodTo", explanation
         from statement_line where statement_id = ? order by position`,
        [statementId],
      ),
    count: async (table) => Number((await world.rows<{ n: string }>(`select count(*) as n from ${table}`))[0]?.n),
    outbox: async () =>
      (await world.rows<{ name: string }>('select name from outbox order by id')).map((row) => row.name),
  };
}
