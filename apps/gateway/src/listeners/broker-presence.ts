import { Injectable } from '@nestjs/common';
import { type DeviceHandlers, type LinkEnd, Logger } from '@throughline/platform';
import { newsIn } from './broker-news.js';

/**
 * How long after it begins to look a gateway takes what a thing says as a sign that it is connected: of those that connected
 * before, the broker tells nothing.
 */
const LEARNING_MS = 120_000;

type End = (reason: LinkEnd) => void;

/** Who is connected to an outside broker, as far as its log and their own words say; one gateway at a time looks. */
@Injectable()
export class BrokerPresence {
  /** Names of which a connection is recorded or being recorded. */
  private readonly known = new Set<string>();
  /** What is to be told when their connections end; none for those that are nobody's. */
  private readonly ends = new Map<string, End>();
  private turns: Promise<void> = Promise.resolve();
  private handlers: DeviceHandlers | undefined;
  private learning: NodeJS.Timeout | undefined;

  constructor(private readonly logger: Logger) {}

  /** From now on; `learned` is called when what things say need not be listened to any more. */
  begin(handlers: DeviceHandlers, learned: () => void): void {
    this.handlers = handlers;
    clearTimeout(this.learning);
    this.learning = setTimeout(learned, LEARNING_MS).unref();
  }

  /** The broker is out of sight: who is there is not known any more. */
  end(): void {
    clearTimeout(this.learning);
    this.known.clear();
    this.inTurn(async () => {
      for (const name of [...this.ends.keys()]) this.left(name, 'connection_lost');
    });
  }

  /** Waits for what is being recorded; the gateway's own end records the rest. */
  async stop(): Promise<void> {
    clearTimeout(this.learning);
    await this.turns;
    this.known.clear();
    this.ends.clear();
  }

  /** A line of the broker's log. */
  logged(line: string): void {
    const news = newsIn(line);
    if (!news) return;
    const { name } = news;
    if (news.kind === 'ended') {
      this.known.delete(name);
      this.inTurn(async () => this.left(name, news.reason));
    } else {
      this.known.add(name);
      this.inTurn(() => this.came(name, news.remoteAddress));
    }
  }

  /** A thing said something just now, over a session that keeps nothing for us while we are away. */
  heard(name: string): void {
    // What is no thing is not looked up again with each word.
    if (name === '' || this.known.has(name)) return;
    this.known.add(name);
    this.inTurn(() => this.came(name, undefined));
  }

  private async came(name: string, remoteAddress: string | undefined): Promise<void> {
    this.left(name, 'taken_over');
    try {
      const end = await this.handlers?.arrived(name, remoteAddress);
      if (end) this.ends.set(name, end);
    } catch (error) {
      // Its next word tries again.
      this.known.delete(name);
      throw error;
    }
  }

  private left(name: string, reason: LinkEnd): void {
    this.ends.get(name)?.(reason);
    this.ends.delete(name);
  }

  private inTurn(work: () => Promise<void>): void {
    this.turns = this.turns.then(work).catch((error: unknown) => {
      this.logger.error({ err: error }, 'a connection to the broker was not recorded');
    });
  }
}
