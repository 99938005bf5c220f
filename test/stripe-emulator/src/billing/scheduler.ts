import { StripeFault } from '../core/errors.js';
import type { TaskRow } from '../core/rows.js';
import type { World } from '../core/world.js';
import { charge, methodFor } from './collect.js';
import { clockOf } from './drafts.js';
import { finalize } from './finalize.js';
import { renew } from './renew.js';

const LONGEST_WAIT_MS = 3_600_000;
/** Without an answer to `invoice.created` Stripe holds a draft this long. */
const UNHEARD = 72 * 3600;

/** Does what is due: by itself in the emulator's time, and on the way of an advancing test clock. */
export class Scheduler {
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(
    private readonly world: World,
    private readonly afterwards: () => void,
  ) {
    world.onTask.push(() => this.arm());
  }

  /** Everything due by now: in the emulator's time, or by the frozen time of its test clock. */
  run(): void {
    for (;;) {
      const task = this.next((one) => this.wait(one) <= 0);
      if (!task) break;
      this.world.store.delete('tasks', task.id);
      this.perform(task);
    }
    this.afterwards();
    this.arm();
  }

  /** Everything due under a test clock on its way to `target`, each at its own moment. */
  runClock(clock: string, target: number): void {
    for (;;) {
      const task = this.next((one) => one.clock === clock && one.due <= target);
      if (!task) break;
      this.world.store.delete('tasks', task.id);
      this.world.at(clock, Math.max(task.due, this.world.now(clock)), () => this.perform(task));
    }
  }

  stop(): void {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private arm(): void {
    if (this.stopped) return;
    if (this.timer) clearTimeout(this.timer);
    const wait = Math.min(...this.world.store.all('tasks').map((task) => this.wait(task)));
    if (!Number.isFinite(wait)) return;
    this.timer = setTimeout(() => this.run(), Math.min(LONGEST_WAIT_MS, Math.max(0, wait * 1000)));
    this.timer.unref();
  }

  /** Seconds until a task is due; what lies ahead of a test clock waits for the clock to be advanced. */
  private wait(task: TaskRow): number {
    const left = task.due - this.world.now(task.clock);
    return task.clock !== null && left > 0 ? Number.POSITIVE_INFINITY : left;
  }

  private next(wanted: (task: TaskRow) => boolean): TaskRow | undefined {
    return this.world.store
      .all('tasks')
      .filter(wanted)
      .sort((a, b) => a.due - b.due)[0];
  }

  private perform(task: TaskRow): void {
    if (task.kind === 'renew_subscription') {
      const subscription = this.world.store.get('subscriptions', task.subject);
      if (subscription && subscription.status !== 'canceled') renew(this.world, subscription);
      return;
    }
    const invoice = this.world.store.get('invoices', task.subject);
    if (task.kind === 'finalize_invoice' && invoice?.status === 'draft') {
      const unheard = invoice.webhooks_delivered_at === null && task.clock === null;
      if (unheard && this.world.now() < invoice.created + UNHEARD) {
        this.world.schedule({ ...task, due: this.world.now() + 3600 });
        return;
      }
      const open = finalize(this.world, invoice);
      if (open.status !== 'open' || open.collection_method !== 'charge_automatically') return;
      this.collect(open.id);
    }
    if (task.kind === 'collect_invoice' && invoice?.status === 'open') this.collect(invoice.id);
  }

  /** An automatic attempt; that a card is refused, or that there is none, is on the invoice and in its events. */
  private collect(id: string): void {
    const invoice = this.world.store.get('invoices', id);
    if (!invoice) return;
    try {
      charge(this.world, invoice, methodFor(this.world, invoice));
    } catch (error) {
      if (!(error instanceof StripeFault)) throw error;
      if (error.status !== 402) {
        const failed = this.world.store.put('invoices', {
          ...invoice,
          attempted: true,
          attempt_count: invoice.attempt_count + 1,
          next_payment_attempt: null,
        });
        this.world.emit('invoice.payment_failed', failed, undefined, clockOf(invoice));
      }
    }
  }
}
