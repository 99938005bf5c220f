import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { AwsNews } from '@throughline/fleet';
import { DomainError } from '@throughline/kernel';
import { Logger, sqlState } from '@throughline/platform';

export const AWS_NEWS = Symbol('news of AWS IoT');

const RETRY_MS = 2_000;
/** Classes of PostgreSQL's errors that a message fails with however often: bad data, a broken constraint. */
const hopeless = /^2[23]/;

/** Brings what AWS IoT tells to who acts on it. */
@Injectable()
export class AwsNewsRouter {
  readonly filters: readonly string[];
  private readonly routes: readonly { pattern: RegExp; news: AwsNews }[];
  private stopped = false;

  constructor(
    @Inject(AWS_NEWS) all: readonly AwsNews[],
    private readonly logger: Logger,
  ) {
    this.routes = all.flatMap((news) => news.filters.map((filter) => ({ news, pattern: patternOf(filter) })));
    this.filters = all.flatMap(({ filters }) => filters);
  }

  /** Resolves when the message is committed, or when it never will be, which is logged; then it may be acknowledged. */
  async take(topic: string, payload: Buffer): Promise<void> {
    const news = this.routes.find(({ pattern }) => pattern.test(topic))?.news;
    while (news && !this.stopped) {
      try {
        return await news.take(topic, payload);
      } catch (error) {
        const known = error instanceof DomainError && !error.rule.retryable;
        const lost = known || hopeless.test(sqlState(error) ?? '');
        this.logger[lost ? 'error' : 'warn'](
          { err: error, topic },
          lost ? 'news of AWS IoT was left out' : 'news of AWS IoT was not stored and is tried again',
        );
        if (lost) return;
      }
      await this.pause();
    }
    if (news) throw new DomainError('UNAVAILABLE', 'the gateway stops: what was not stored comes again');
  }

  stop(): void {
    this.stopped = true;
  }

  /** Between two tries. */
  protected async pause(): Promise<void> {
    await sleep(RETRY_MS);
  }
}

const patternOf = (filter: string): RegExp => new RegExp(`^${filter.replaceAll('$', '\\$').replaceAll('+', '[^/]+')}$`);
