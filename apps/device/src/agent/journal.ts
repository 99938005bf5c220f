import { type Committed, type DeviceMessage, isTelemetry } from './message.js';
import { merged, type NumberRange, without } from './number-ranges.js';

/** What a full journal does: give up its oldest message, or refuse the new one. */
export type Overflow = 'drop-oldest' | 'reject';

export interface JournalOptions {
  /** Most messages kept; default 50 000. */
  readonly limit?: number;
  /** Default `drop-oldest`. */
  readonly overflow?: Overflow;
}

/** A message in the journal. `order` is its place; `payload` its JSON. */
export interface JournalEntry {
  readonly order: number;
  readonly message: DeviceMessage;
  readonly payload: string;
}

export class JournalFullError extends Error {
  constructor(limit: number) {
    super(`journal: holds ${limit} messages that the server has not taken`);
    this.name = 'JournalFullError';
  }
}

/** Numbers of a boot. */
export interface BootNumbers {
  readonly boot: number;
  readonly ranges: readonly NumberRange[];
}

/** What an append costs a full journal: the entry that goes, and whether that is a message lost. */
export interface Victim {
  readonly entry: JournalEntry;
  readonly lost: boolean;
}

export interface JournalCounts {
  /** Not sent, or to be sent again. */
  readonly waiting: number;
  /** Sent, PUBACK outstanding. */
  readonly inflight: number;
  /** PUBACK received, not yet said to be committed. */
  readonly acknowledged: number;
  /** Given up for want of room without ever having been acknowledged. */
  readonly lost: number;
}

/**
 * What a device keeps until the server has said that it is committed. A message goes waiting → in flight → acknowledged →
 * forgotten; a broken connection brings everything that is not forgotten back to waiting, in the order of appending.
 * Events are forgotten with their PUBACK, for `committed` counts telemetry only.
 * In memory: a restart of the process loses it. `DurableJournal` is the same on disk: it fills in the `write…` methods, which
 * are called before the change they tell of.
 */
export class Journal {
  readonly limit: number;
  readonly #overflow: Overflow;
  #waiting: JournalEntry[] = [];
  #head = 0;
  #unsorted = false;
  readonly #inflight = new Set<JournalEntry>();
  readonly #acknowledged = new Set<JournalEntry>();
  readonly #committed = new Map<number, number>();
  readonly #given = new Map<number, NumberRange[]>();
  #order = 0;
  #lost = 0;

  constructor(options: JournalOptions = {}) {
    this.limit = options.limit ?? 50_000;
    this.#overflow = options.overflow ?? 'drop-oldest';
    if (!Number.isSafeInteger(this.limit) || this.limit < 1)
      throw new RangeError(`limit: ${this.limit} must be a whole number of at least 1`);
  }

  get size(): number {
    return this.#waiting.length - this.#head + this.#inflight.size + this.#acknowledged.size;
  }

  get counts(): JournalCounts {
    return {
      waiting: this.#waiting.length - this.#head,
      inflight: this.#inflight.size,
      acknowledged: this.#acknowledged.size,
      lost: this.#lost,
    };
  }

  /** Whether one more message fits without giving one up. */
  get hasRoom(): boolean {
    return this.size < this.limit;
  }

  /** Messages given up without ever having been acknowledged, until a commit passes them. */
  get lost(): BootNumbers[] {
    return [...this.#given].map(([boot, ranges]) => ({ boot, ranges }));
  }

  /** @throws JournalFullError when full under the policy `reject`. Nothing is kept then, nor when it cannot be written. */
  append(message: DeviceMessage): void {
    if (!this.hasRoom && this.#overflow === 'reject') throw new JournalFullError(this.limit);
    const victim = this.hasRoom ? undefined : this.#victim();
    const entry = { order: this.#order + 1, message, payload: JSON.stringify(message) };
    this.writeAppended(entry, victim);
    if (victim) this.#giveUp(victim);
    this.#order = entry.order;
    this.#waiting.push(entry);
  }

  /**
   * Numbers the server misses: acknowledged ones among them are sent again, in order. Says how many, and which of the numbers
   * are not in the journal.
   */
  resend({ boot, ranges }: BootNumbers): { again: number; gone: NumberRange[] } {
    const asked = merged(ranges);
    const held: NumberRange[] = [];
    const has = ({ message }: JournalEntry) => {
      if (!isTelemetry(message) || message.boot !== boot || !contains(asked, message.seq)) return false;
      held.push([message.seq, message.seq]);
      return true;
    };
    for (const entry of this.#inflight) has(entry);
    for (let i = this.#head; i < this.#waiting.length; i += 1) has(this.#waiting[i] as JournalEntry);
    let again = 0;
    for (const entry of this.#acknowledged) {
      if (!has(entry)) continue;
      this.#acknowledged.delete(entry);
      this.#back(entry);
      again += 1;
    }
    return { again, gone: without(asked, held) };
  }

  /**
   * The next entries to send, in order, as one publish: a run of telemetry up to the bounds, or a single event.
   * They are in flight until `acknowledge` or `release`. Empty when nothing waits.
   */
  claim(maxMessages: number, maxBytes: number): JournalEntry[] {
    this.#sort();
    const batch: JournalEntry[] = [];
    let bytes = 2;
    for (let next = this.#waiting[this.#head]; next; next = this.#waiting[this.#head]) {
      if (!this.#isForgotten(next)) {
        const first = batch[0];
        bytes += Buffer.byteLength(next.payload) + 1;
        if (first && !(isTelemetry(first.message) && isTelemetry(next.message))) break;
        if (first && (batch.length >= maxMessages || bytes > maxBytes)) break;
        batch.push(next);
        this.#inflight.add(next);
      }
      this.#head += 1;
    }
    this.#trim();
    return batch;
  }

  /** PUBACK received. */
  acknowledge(batch: readonly JournalEntry[]): void {
    const events = batch.filter((entry) => !isTelemetry(entry.message) && this.#inflight.has(entry));
    if (events.length > 0) this.writeForgotten(events);
    for (const entry of batch) {
      if (!this.#inflight.delete(entry)) continue;
      if (isTelemetry(entry.message) && !this.#isForgotten(entry)) this.#acknowledged.add(entry);
    }
  }

  /** The publish failed: send again. */
  release(batch: readonly JournalEntry[]): void {
    for (const entry of batch) if (this.#inflight.delete(entry)) this.#back(entry);
  }

  /** A new connection: everything not committed goes again, whatever happened on the old one. Returns how many were acknowledged before. */
  rewind(): number {
    const again = this.#acknowledged.size;
    for (const entry of [...this.#acknowledged, ...this.#inflight]) this.#back(entry);
    this.#acknowledged.clear();
    this.#inflight.clear();
    return again;
  }

  /** The server has committed everything up to `seq` of `boot`. Returns how many messages could be forgotten at once. */
  commit({ boot, seq }: Committed): number {
    if (seq <= (this.#committed.get(boot) ?? 0)) return 0;
    this.writeCommitted({ boot, seq });
    this.#committed.set(boot, seq);
    const left = without(this.#given.get(boot) ?? [], [[0, seq]]);
    if (left.length > 0) this.#given.set(boot, left);
    else this.#given.delete(boot);
    let forgotten = 0;
    for (const entry of this.#acknowledged) {
      if (this.#isForgotten(entry) && this.#acknowledged.delete(entry)) forgotten += 1;
    }
    // Waiting entries that are covered are passed over by `claim`; drop those at the head now, so that the size is right.
    this.#sort();
    for (let next = this.#waiting[this.#head]; next && this.#isForgotten(next); next = this.#waiting[this.#head]) {
      this.#head += 1;
      forgotten += 1;
    }
    this.#trim();
    return forgotten;
  }

  #isForgotten({ message }: JournalEntry): boolean {
    return isTelemetry(message) && message.seq <= (this.#committed.get(message.boot) ?? 0);
  }

  #back(entry: JournalEntry): void {
    this.#waiting.push(entry);
    this.#unsorted = true;
  }

  #sort(): void {
    if (!this.#unsorted) return;
    this.#waiting = this.#waiting.slice(this.#head).sort((a, b) => a.order - b.order);
    this.#head = 0;
    this.#unsorted = false;
  }

  #trim(): void {
    if (this.#head < 1024 || this.#head * 2 < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#head);
    this.#head = 0;
  }

  /** An acknowledged message is most likely stored already, so it goes first; one in flight is never taken away. */
  #victim(): Victim | undefined {
    for (const entry of this.#acknowledged) return { entry, lost: false };
    this.#sort();
    const entry = this.#waiting[this.#head];
    return entry && { entry, lost: !this.#isForgotten(entry) };
  }

  #giveUp({ entry, lost }: Victim): void {
    if (this.#acknowledged.delete(entry)) return;
    this.#head += 1;
    this.#trim();
    if (!lost) return;
    this.#lost += 1;
    const { message } = entry;
    if (isTelemetry(message)) this.#noteLost(message.boot, [[message.seq, message.seq]]);
  }

  #noteLost(boot: number, ranges: readonly NumberRange[]): void {
    this.#given.set(boot, merged([...(this.#given.get(boot) ?? []), ...ranges]));
  }

  /** What a journal on disk held, before the first message is appended. */
  protected restore(messages: readonly { order: number; payload: string }[], lost: readonly BootNumbers[]): void {
    for (const { order, payload } of messages) {
      this.#waiting.push({ order, payload, message: JSON.parse(payload) as DeviceMessage });
      this.#order = order;
    }
    for (const { boot, ranges } of lost) {
      this.#noteLost(boot, ranges);
      this.#lost += ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
    }
  }

  /** A message comes in, another may go: both or neither. */
  protected writeAppended(_entry: JournalEntry, _victim: Victim | undefined): void {}

  protected writeForgotten(_entries: readonly JournalEntry[]): void {}

  protected writeCommitted(_committed: Committed): void {}
}

function contains(ranges: readonly NumberRange[], seq: number): boolean {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.[1] ?? seq) < seq) low = middle + 1;
    else high = middle;
  }
  return (ranges[low]?.[0] ?? Number.POSITIVE_INFINITY) <= seq;
}
