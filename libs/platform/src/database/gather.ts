import { AsyncLocalStorage } from 'node:async_hooks';

export interface GatherOptions<I> {
  /** Calls of one batch; more wait for the next. */
  readonly limit: number;
  /** Calls of the same key are never in one batch, and keep their order. */
  readonly key: (item: I) => string;
}

interface Call<I, O> extends PromiseWithResolvers<O> {
  readonly item: I;
}

/**
 * Calls that come while a batch is worked on are the next batch: one call alone waits for nobody, and a thousand at once cost a few
 * transactions. `work` answers in the order of its items; an answer that is an Error rejects its call alone, a throw rejects all.
 */
export class Gather<I, O> {
  private waiting: Call<I, O>[] = [];
  private working = false;
  /** A batch serves many callers, so it must not join the transaction that one of them happens to be in. */
  private readonly outside = AsyncLocalStorage.snapshot();

  constructor(
    private readonly options: GatherOptions<I>,
    private readonly work: (items: readonly I[]) => Promise<readonly (O | Error)[]>,
  ) {}

  run(item: I): Promise<O> {
    const call = { item, ...Promise.withResolvers<O>() };
    this.waiting.push(call);
    if (!this.working) {
      this.working = true;
      // What comes in the same turn of the event loop is of the first batch too.
      setImmediate(() => this.outside(() => void this.workOff()));
    }
    return call.promise;
  }

  private async workOff(): Promise<void> {
    while (this.waiting.length > 0) await this.batch(this.take());
    this.working = false;
  }

  private take(): Call<I, O>[] {
    const taken = new Map<string, Call<I, O>>();
    const left: Call<I, O>[] = [];
    for (const call of this.waiting) {
      const key = this.options.key(call.item);
      if (taken.size >= this.options.limit || taken.has(key)) left.push(call);
      else taken.set(key, call);
    }
    this.waiting = left;
    return [...taken.values()];
  }

  private async batch(calls: readonly Call<I, O>[]): Promise<void> {
    try {
      const answers = await this.work(calls.map((call) => call.item));
      calls.forEach((call, i) => {
        const answer = answers[i];
        if (answer instanceof Error) call.reject(answer);
        else call.resolve(answer as O);
      });
    } catch (error) {
      for (const call of calls) call.reject(error);
    }
  }
}
