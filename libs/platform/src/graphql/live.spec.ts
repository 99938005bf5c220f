import { type LiveFeed, liveFeed } from './live.js';

/** Signals by hand. */
function hand() {
  const listeners = new Set<(ids: string[]) => void>();
  return {
    listeners,
    send: (...ids: string[]) => {
      for (const listener of listeners) listener(ids);
    },
    listen: (_channel: string, listener: (ids: string[]) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const context = { requestId: 'r', address: '127.0.0.1' };

function feedOf(signals: ReturnType<typeof hand>, more: Partial<LiveFeed<string>> = {}) {
  const loads: string[][] = [];
  const feed = liveFeed<string>({
    signals,
    channel: 'asset-live',
    context,
    load: async (ids) => {
      loads.push([...ids]);
      return ids.map((id) => `state of ${id}`);
    },
    ...more,
  });
  return { feed, loads };
}

describe('liveFeed', () => {
  it('gives what was signalled, each id once however often it was signalled while nobody read', async () => {
    const signals = hand();
    const { feed, loads } = feedOf(signals);
    signals.send('a', 'b');
    signals.send('a');
    expect((await feed.next()).value).toBe('state of a');
    expect((await feed.next()).value).toBe('state of b');
    expect(loads).toEqual([['a', 'b']]);
  });

  it('begins with the present state and leaves out ids that are not wanted', async () => {
    const signals = hand();
    const { feed } = feedOf(signals, { ids: ['a', 'b'], initially: ['a'] });
    expect((await feed.next()).value).toBe('state of a');
    signals.send('other');
    const next = feed.next();
    signals.send('b');
    expect((await next).value).toBe('state of b');
  });

  it('skips ids for which the caller may see nothing', async () => {
    const signals = hand();
    const { feed } = feedOf(signals, { load: async (ids) => ids.filter((id) => id !== 'foreign') });
    const next = feed.next();
    signals.send('foreign');
    await new Promise((resolve) => setImmediate(resolve));
    signals.send('own');
    expect((await next).value).toBe('own');
  });

  it('ends at once while it waits, and listens no more', async () => {
    const signals = hand();
    const { feed } = feedOf(signals);
    const waiting = feed.next();
    await feed.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(signals.listeners.size).toBe(0);
    expect(await feed.next()).toEqual({ done: true, value: undefined });
  });

  it('ends with the error when the caller may no longer see anything', async () => {
    const signals = hand();
    const { feed } = feedOf(signals, {
      load: async () => {
        throw new Error('the session has ended');
      },
    });
    signals.send('a');
    await expect(feed.next()).rejects.toThrow('the session has ended');
    expect(signals.listeners.size).toBe(0);
    expect(await feed.next()).toEqual({ done: true, value: undefined });
  });
});
