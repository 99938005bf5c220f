import type { mqtt } from 'aws-iot-device-sdk-v2';
import { CommandAgent, type CommandAgentOptions } from './commands/command-agent.js';
import { Connection, type ConnectionOptions } from './connection.js';
import type { DeviceIdentity } from './identity.js';
import { type BootNumbers, Journal, type JournalCounts, type JournalEntry } from './journal.js';
import type { AgentLog } from './log.js';
import { type Committed, checkMessage, type DeviceMessage, isTelemetry, type TelemetryMessage } from './message.js';
import { askable, lostEvents, parseResend } from './resend.js';

export type { AgentLog };

export interface DeviceAgentOptions {
  readonly identity: DeviceIdentity;
  /** Number of this start; default 1. */
  readonly boot?: number;
  readonly journal?: Journal;
  /** Most publishes without PUBACK; default 20. */
  readonly window?: number;
  /** Most telemetry messages in one publish when several wait; default 25, bounded by 64 KiB too. */
  readonly batch?: number;
  /** Wait for `committed` before acknowledged messages are sent once more, doubled up to 32-fold; default 30 s. */
  readonly recommitMs?: number;
  /** Least time between two words on messages that a full journal gave up; default 10 s. */
  readonly tellLostMs?: number;
  readonly connection?: ConnectionOptions;
  /** Commands it carries out; without, it does not listen for any. */
  readonly commands?: CommandAgentOptions;
  /** What its classic shadow says of it; reported at each connect, and when `reportState` is called. */
  readonly reported?: () => Readonly<Record<string, unknown>>;
  /** Time of what the agent says of its own accord, ms since the epoch; default the process's clock. */
  readonly now?: () => number;
  readonly log?: AgentLog;
  /** Told of each connection that is up, for the first time or again, and with undefined before it is given up. */
  readonly onConnection?: (connection: mqtt.MqttClientConnection | undefined) => void;
}

export interface AgentStats {
  readonly connected: boolean;
  readonly offline: boolean;
  readonly boot: number;
  /** Last sequence number given out. */
  readonly seq: number;
  readonly journal: JournalCounts;
  /** Messages sent, repetitions included. */
  readonly sent: number;
  readonly committed: Committed | undefined;
}

const MAX_PUBLISH_BYTES = 64 * 1024;
const RETRY_MS = 1000;

/** Something that waits until a condition holds. */
interface Waiter {
  readonly holds: () => boolean;
  readonly done: () => void;
}

/**
 * The device side of the telemetry contract: numbers messages, keeps them until the server has committed them, sends them
 * in order with a bounded window, and sends again after a reconnect whatever was not committed.
 */
export class DeviceAgent {
  readonly thingName: string;
  readonly #options: Required<
    Pick<DeviceAgentOptions, 'window' | 'batch' | 'recommitMs' | 'tellLostMs' | 'now' | 'log' | 'onConnection'>
  >;
  #identity: DeviceIdentity;
  readonly #journal: Journal;
  readonly #connectionOptions: ConnectionOptions | undefined;
  readonly #commands: CommandAgent | undefined;
  readonly #reported: DeviceAgentOptions['reported'];
  readonly #waiters = new Set<Waiter>();
  #connection: Connection | undefined;
  /** Counts connections; an answer that belongs to an older one changes nothing. */
  #session = 0;
  #connected = false;
  #offline = false;
  #closed = false;
  #publishing = 0;
  #boot: number;
  #seq = 0;
  /** Highest number of the present boot that was journalled. */
  #highest = 0;
  #sent = 0;
  #committed: Committed | undefined;
  #recommit: NodeJS.Timeout | undefined;
  #recommitWait: number;
  #retry: NodeJS.Timeout | undefined;
  #telling: NodeJS.Timeout | undefined;
  /** Messages given up when the server was last told. */
  #toldLost = 0;

  constructor(options: DeviceAgentOptions) {
    this.#identity = options.identity;
    this.thingName = options.identity.thingName;
    this.#journal = options.journal ?? new Journal();
    this.#boot = options.boot ?? 1;
    this.#connectionOptions = options.connection;
    this.#reported = options.reported;
    this.#options = {
      window: options.window ?? 20,
      batch: options.batch ?? 25,
      recommitMs: options.recommitMs ?? 30_000,
      tellLostMs: options.tellLostMs ?? 10_000,
      now: options.now ?? Date.now,
      log: options.log ?? (() => undefined),
      onConnection: options.onConnection ?? (() => undefined),
    };
    this.#recommitWait = this.#options.recommitMs;
    if (options.commands)
      this.#commands = new CommandAgent(this.thingName, () => this.#boot, this.#options.log, options.commands);
  }

  get stats(): AgentStats {
    return {
      connected: this.#connected,
      offline: this.#offline,
      boot: this.#boot,
      seq: this.#seq,
      journal: this.#journal.counts,
      sent: this.#sent,
      committed: this.#committed,
    };
  }

  /** Begins to connect and keeps trying; messages may be reported before. */
  start(): void {
    if (this.#connection || this.#closed || this.#offline) return;
    const connection = new Connection(
      this.#identity,
      {
        up: () => void this.#up(connection),
        down: (reason) => this.#down(connection, reason),
        message: (topic, payload) => this.#received(topic, payload),
      },
      this.#connectionOptions,
    );
    this.#connection = connection;
    connection.open();
  }

  /** Journals a measurement under the next sequence number. @throws JournalFullError under the policy `reject`. */
  report(measurement: Pick<TelemetryMessage, 'ts' | 'm'>): TelemetryMessage {
    const message = { ts: measurement.ts, boot: this.#boot, seq: this.#seq + 1, m: measurement.m };
    this.deliver(message);
    this.#seq = message.seq;
    return message;
  }

  /** Journals an event. @throws JournalFullError under the policy `reject`. */
  event(event: { ts: number; type: string; code?: string; detail?: string }): void {
    const { ts, type, code, detail } = event;
    this.deliver({ ts, boot: this.#boot, type, ...(code && { code }), ...(detail && { detail }) });
  }

  /** Journals a message that is numbered already (replay, tests of disorder); it is sent as it is, in the order given. */
  deliver(message: DeviceMessage): void {
    if (this.#closed) throw new Error(`${this.thingName}: the agent is closed`);
    checkMessage(message);
    this.#journal.append(message);
    if (isTelemetry(message) && message.boot === this.#boot) this.#highest = Math.max(this.#highest, message.seq);
    if (this.#journal.counts.lost > this.#toldLost) this.#tellLostLater();
    this.#pump();
  }

  /** A restart of the controller: the next boot begins with seq 1. What is journalled goes on being delivered. */
  reboot(at: number, detail = 'restart', boot = this.#boot + 1): void {
    if (boot <= this.#boot) throw new RangeError(`boot: ${boot} must be greater than ${this.#boot}`);
    this.#boot = boot;
    this.#seq = 0;
    this.#highest = 0;
    this.event({ ts: at, type: 'reboot', detail });
  }

  /** Tells the classic shadow what is so now; without a connection, the next one does. */
  async reportState(): Promise<void> {
    if (!this.#connected || !this.#reported) return;
    try {
      const payload = JSON.stringify({ state: { reported: this.#reported() } });
      await this.#connection?.publish(`$aws/things/${this.thingName}/shadow/update`, payload);
    } catch (error) {
      this.#options.log('warn', 'state not reported', { thing: this.thingName, error: String(error) });
    }
  }

  /** Loses the network: disconnects and sends nothing; messages are still journalled. */
  async goOffline(): Promise<void> {
    this.#offline = true;
    await this.#drop();
  }

  /** The network is back. */
  goOnline(): void {
    this.#offline = false;
    this.start();
  }

  /** Goes on with another certificate, over a connection of its own; with the one it has already, nothing changes. */
  async become(identity: DeviceIdentity): Promise<void> {
    if (identity.tls?.cert !== this.#identity.tls?.cert) {
      this.#identity = identity;
      try {
        await this.#drop();
      } catch (error) {
        this.#options.log('warn', 'not closed well', { thing: this.thingName, error: String(error) });
      }
      this.start();
    }
    await this.whenConnected();
  }

  /** Resolves when connected and subscribed. */
  whenConnected(): Promise<void> {
    return this.#until(() => this.#connected);
  }

  /** Resolves when the journal takes another message without giving one up. */
  whenRoom(): Promise<void> {
    return this.#until(() => this.#journal.hasRoom);
  }

  /** Resolves when every message has its PUBACK. */
  whenAcknowledged(): Promise<void> {
    return this.#until(() => this.#journal.counts.waiting + this.#journal.counts.inflight === 0);
  }

  /** Resolves when the journal is empty: all telemetry committed, all events acknowledged. */
  whenCommitted(): Promise<void> {
    return this.#until(() => this.#journal.size === 0);
  }

  /**
   * Takes no more messages, waits for outstanding PUBACKs (at most `drainMs`) and then a little for `committed`,
   * disconnects, and says what the server is not known to have.
   */
  async close(options: { drainMs?: number; committedMs?: number } = {}): Promise<JournalCounts> {
    const { drainMs = 10_000, committedMs = 2000 } = options;
    this.#closed = true;
    if (this.#connection && drainMs > 0) {
      if (await within(drainMs, this.whenAcknowledged())) await within(committedMs, this.whenCommitted());
    }
    const left = this.#journal.counts;
    await this.#drop();
    for (const waiter of this.#waiters) waiter.done();
    this.#waiters.clear();
    return left;
  }

  async #drop(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#connected = false;
    this.#session += 1;
    clearTimeout(this.#retry);
    clearTimeout(this.#recommit);
    clearTimeout(this.#telling);
    this.#recommit = undefined;
    this.#telling = undefined;
    this.#commands?.down();
    this.#options.onConnection(undefined);
    await connection?.close();
  }

  async #up(connection: Connection): Promise<void> {
    if (connection !== this.#connection) return;
    this.#session += 1;
    const session = this.#session;
    try {
      await connection.subscribe(this.#identity.topics.committed);
      await connection.subscribe(this.#identity.topics.resend);
    } catch (error) {
      this.#options.log('warn', 'no word on commits', { thing: this.thingName, error: String(error) });
    }
    if (session !== this.#session) return;
    this.#publishing = 0;
    const again = this.#journal.rewind();
    this.#connected = true;
    this.#options.log('info', 'connected', { thing: this.thingName, again, waiting: this.#journal.counts.waiting });
    this.#tellLost(this.#journal.lost);
    this.#pump();
    this.#settle();
    try {
      await this.#commands?.up(connection);
    } catch (error) {
      this.#options.log('warn', 'no commands on this connection', { thing: this.thingName, error: String(error) });
    }
    this.#options.onConnection(connection.native);
    await this.reportState();
  }

  #down(connection: Connection, reason: string): void {
    if (connection !== this.#connection) return;
    this.#connected = false;
    this.#session += 1;
    this.#commands?.down();
    this.#options.log('warn', 'connection lost', { thing: this.thingName, reason });
  }

  #pump(): void {
    while (this.#connected && this.#publishing < this.#options.window) {
      const batch = this.#journal.claim(this.#options.batch, MAX_PUBLISH_BYTES);
      if (batch.length === 0) return;
      void this.#publish(batch);
    }
  }

  async #publish(batch: readonly JournalEntry[]): Promise<void> {
    const session = this.#session;
    const [first] = batch;
    if (!first) return;
    const topic = isTelemetry(first.message) ? this.#identity.topics.telemetry : this.#identity.topics.event;
    this.#publishing += 1;
    this.#sent += batch.length;
    let failure: unknown;
    try {
      const list = batch.map((entry) => entry.payload).join(',');
      await this.#connection?.publish(topic, batch.length === 1 ? list : `[${list}]`);
    } catch (error) {
      failure = error;
    }
    // After a break the journal was or will be rewound as a whole; only this session's answers count.
    if (session !== this.#session) return;
    this.#publishing -= 1;
    if (failure) {
      this.#journal.release(batch);
      this.#options.log('warn', 'publish failed', { thing: this.thingName, error: String(failure) });
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => this.#pump(), RETRY_MS);
      return;
    }
    this.#journal.acknowledge(batch);
    this.#awaitCommit();
    this.#pump();
    this.#settle();
  }

  #received(topic: string, payload: string): void {
    if (this.#commands?.received(topic, payload)) return;
    if (topic === this.#identity.topics.resend) this.#resend(payload);
    if (topic !== this.#identity.topics.committed) return;
    const committed = parseCommitted(payload);
    if (!committed) {
      this.#options.log('warn', 'unreadable commit', { thing: this.thingName, payload: payload.slice(0, 200) });
      return;
    }
    this.#committed = committed;
    if (this.#journal.commit(committed) > 0) {
      clearTimeout(this.#recommit);
      this.#recommit = undefined;
      this.#recommitWait = this.#options.recommitMs;
      this.#awaitCommit();
    }
    this.#settle();
  }

  /** The server misses messages: those that are here go again, of the others it is told that they never will. */
  #resend(payload: string): void {
    const asked = parseResend(payload);
    if (!asked) {
      this.#options.log('warn', 'unreadable resend', { thing: this.thingName, payload: payload.slice(0, 200) });
      return;
    }
    const { again, gone } = this.#journal.resend(askable(asked, { boot: this.#boot, seq: this.#highest }));
    this.#options.log('info', 'asked to send again', { thing: this.thingName, ...asked, again, gone });
    if (gone.length > 0) this.#tellLost([{ boot: asked.boot, ranges: gone }]);
    this.#pump();
  }

  /** Past the journal, which may be full. What does not arrive is said again at the next connect, or when it is asked for. */
  #tellLost(lost: readonly BootNumbers[]): void {
    this.#toldLost = this.#journal.counts.lost;
    for (const payload of lost.flatMap((numbers) => lostEvents(numbers, this.#options.now(), this.#boot)))
      this.#connection?.publish(this.#identity.topics.event, payload).catch((error: unknown) => {
        this.#options.log('warn', 'loss not told', { thing: this.thingName, error: String(error) });
      });
  }

  #tellLostLater(): void {
    if (!this.#connected) return;
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      if (this.#connected) this.#tellLost(this.#journal.lost);
    }, this.#options.tellLostMs).unref();
  }

  /** A `committed` can be lost, and a broker's PUBACK is no proof: without word for long, the rest is sent once more. */
  #awaitCommit(): void {
    if (this.#recommit || this.#journal.counts.acknowledged === 0) return;
    this.#recommit = setTimeout(() => {
      this.#recommit = undefined;
      if (!this.#connected || this.#publishing > 0) return this.#awaitCommit();
      const waited = this.#recommitWait;
      this.#recommitWait = Math.min(waited * 2, this.#options.recommitMs * 32);
      const again = this.#journal.rewind();
      this.#options.log('warn', 'no commit for long, sending again', { thing: this.thingName, again, waited });
      this.#pump();
    }, this.#recommitWait);
    this.#recommit.unref();
  }

  #until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((done) => this.#waiters.add({ holds, done }));
  }

  #settle(): void {
    for (const waiter of this.#waiters) {
      if (!waiter.holds()) continue;
      this.#waiters.delete(waiter);
      waiter.done();
    }
  }
}

async function within(ms: number, promise: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

function parseCommitted(payload: string): Committed | undefined {
  try {
    const { boot, seq } = JSON.parse(payload) as Partial<Committed>;
    if (Number.isSafeInteger(boot) && Number.isSafeInteger(seq)) return { boot: Number(boot), seq: Number(seq) };
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
