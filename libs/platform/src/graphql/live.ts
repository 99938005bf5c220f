import type { LiveChannel, LiveSignals } from '../live/live-signals.js';
import type { GraphqlContext } from './context.js';
import { forgetLoaded } from './loaders.js';

export interface LiveFeed<T> {
  readonly signals: Pick<LiveSignals, 'listen'>;
  readonly channel: LiveChannel;
  readonly context: GraphqlContext;
  /** Only these ids, when given. */
  readonly ids?: readonly string[];
  /**
   * Loads what was signalled, as the caller may see it *now*: it checks the caller again (throws UNAUTHENTICATED or FORBIDDEN
   * to end the feed) and reads in the caller's data scope. Ids that the caller may not see give nothing.
   */
  readonly load: (ids: readonly string[]) => Promise<readonly T[]>;
  /** Ids to load at once, so that the feed begins with the present state. */
  readonly initially?: readonly string[];
}

/** Ids loaded in one go; more wait for the next. */
const MAX_BATCH = 200;

/**
 * Signals as an async iterator of what they stand for. A slow reader gets each id's newest state once: ids wait in a set,
 * values are loaded only when asked for. Ends when the reader returns, at once even while it waits; rejects when `load` does.
 */
export function liveFeed<T>(feed: LiveFeed<T>): AsyncIterableIterator<T, undefined> {
  const wanted = feed.ids && new Set(feed.ids);
  const waiting = new Set<string>(feed.initially);
  let ready: T[] = [];
  let ended = false;
  let wake = (): void => undefined;
  const stop = feed.signals.listen(feed.channel, (ids) => {
    for (const id of ids) if (!wanted || wanted.has(id)) waiting.add(id);
    wake();
  });
  const end = (): void => {
    ended = true;
    stop();
    wake();
  };
  const over: IteratorReturnResult<undefined> = { done: true, value: undefined };

  async function next(): Promise<IteratorResult<T, undefined>> {
    while (!ended) {
      const value = ready.shift();
      if (value !== undefined) {
        forgetLoaded(feed.context);
        return { done: false, value };
      }
      if (waiting.size === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const batch = [...waiting].slice(0, MAX_BATCH);
      for (const id of batch) waiting.delete(id);
      try {
        ready = [...(await feed.load(batch))];
      } catch (error) {
        end();
        throw error;
      }
    }
    return over;
  }
  return {
    next,
    return: async () => {
      end();
      return over;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
