import Stripe from 'stripe';
import { repeatable } from './repeatable.js';

/** A failure as Stripe answers it; `replayed` when the key had answered with it before. */
function failure(replayed: boolean, type: 'api' | 'idempotency' = 'api', statusCode = 500) {
  const raw = {
    message: 'no',
    statusCode,
    headers: replayed ? { 'idempotent-replayed': 'true' } : {},
  } as unknown as ConstructorParameters<typeof Stripe.errors.StripeAPIError>[0];
  return type === 'api' ? new Stripe.errors.StripeAPIError(raw) : new Stripe.errors.StripeIdempotencyError(raw);
}

/** Answers in turn; notes the keys it was asked with. */
function answers(...list: (string | Error)[]) {
  const keys: (string | undefined)[] = [];
  const work = async (options: Stripe.RequestOptions): Promise<string> => {
    keys.push(options.idempotencyKey);
    expect(options.maxNetworkRetries).toBe(0);
    const next = list.shift();
    if (next === undefined) throw new Error('asked too often');
    if (next instanceof Error) throw next;
    return next;
  };
  return { keys, work };
}

describe('a writing call that is safe to repeat', () => {
  it('has the plain key first', async () => {
    const { keys, work } = answers('made');
    expect(await repeatable('k', work)).toBe('made');
    expect(keys).toEqual(['k']);
  });

  it('throws a fresh failure at once: whether it had an effect is asked by the next run, under the same key', async () => {
    const { keys, work } = answers(failure(false));
    await expect(repeatable('k', work, async () => 'found')).rejects.toBeInstanceOf(Stripe.errors.StripeAPIError);
    expect(keys).toEqual(['k']);
  });

  it('looks for the effect of a key that has failed before, and does not do it twice', async () => {
    const { keys, work } = answers(failure(true));
    expect(await repeatable('k', work, async () => 'found')).toBe('found');
    expect(keys).toEqual(['k']);
  });

  it('goes on to the next key where there was no effect', async () => {
    const { keys, work } = answers(failure(true), failure(true), 'made');
    let looked = 0;
    const find = async () => {
      looked += 1;
      return undefined;
    };
    expect(await repeatable('k', work, find)).toBe('made');
    expect([keys, looked]).toEqual([['k', 'k-2', 'k-3'], 2]);
  });

  it('leaves a key that belongs to a call with other parameters, but waits for one that is under way', async () => {
    const other = answers(failure(false, 'idempotency', 400), 'made');
    expect(await repeatable('k', other.work)).toBe('made');
    expect(other.keys).toEqual(['k', 'k-2']);
    const underWay = answers(failure(false, 'idempotency', 409), 'never');
    await expect(repeatable('k', underWay.work)).rejects.toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
    expect(underWay.keys).toEqual(['k']);
  });

  it('ends after a hundred keys', async () => {
    const { keys, work } = answers(...Array.from({ length: 150 }, () => failure(true)));
    await expect(repeatable('k', work)).rejects.toBeInstanceOf(Stripe.errors.StripeAPIError);
    expect([keys.length, keys.at(-1)]).toEqual([100, 'k-100']);
  });

  it('hides no other error', async () => {
    const { work } = answers(new TypeError('ours'));
    await expect(repeatable('k', work, async () => 'found')).rejects.toThrow('ours');
  });

  describe('whose answer is given again', () => {
    /** Answers that were given before under the first keys, then a fresh one. */
    const made = (...again: string[]) => {
      const keys: (string | undefined)[] = [];
      const work = async (options: Stripe.RequestOptions) => {
        const id = again[keys.length];
        keys.push(options.idempotencyKey);
        const headers = id === undefined ? {} : { 'idempotent-replayed': 'true' };
        return { id: id ?? 'fresh', lastResponse: { headers } };
      };
      return { keys, work };
    };

    it('is taken while what it made is there', async () => {
      const { keys, work } = made('a');
      expect((await repeatable('k', work, undefined, async ({ id }) => id === 'a')).id).toBe('a');
      expect(keys).toEqual(['k']);
    });

    it('is asked for anew under the next key once that was deleted, as often as it was', async () => {
      const { keys, work } = made('a', 'b');
      expect((await repeatable('k', work, undefined, async () => false)).id).toBe('fresh');
      expect(keys).toEqual(['k', 'k-2', 'k-3']);
    });

    it('is not looked at again when it is fresh', async () => {
      const { work } = made();
      const asked: string[] = [];
      const there = async ({ id }: { id: string }) => asked.push(id) < 0;
      expect((await repeatable('k', work, undefined, there)).id).toBe('fresh');
      expect(asked).toEqual([]);
    });
  });
});
