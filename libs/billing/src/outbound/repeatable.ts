import Stripe from 'stripe';

/** Keys tried one after the other; each run of a job uses up at most one, so this is days of failures. */
const MOST_KEYS = 100;

/**
 * A writing call under an idempotency key, safe to repeat whatever became of it before.
 *
 * Stripe keeps the first answer of a key for a day, also a failure, and gives it again. So a call that failed under a key is
 * asked for anew under the next one; but its effect may be there, so `find` looks for it first. A key with a lost answer is
 * used again, because the call may still be under way. A fresh failure is thrown: the caller tries again later. `isThere` is
 * asked of an answer that is given again: what the call made may have been deleted at Stripe since, and is made anew then.
 */
export async function repeatable<T>(
  key: string,
  work: (options: Stripe.RequestOptions) => Promise<T>,
  find?: () => Promise<T | undefined>,
  isThere?: (made: T) => Promise<boolean>,
): Promise<T> {
  for (let n = 1; ; n += 1) {
    try {
      // Without the library's own repeats, an answer that is given again is told from a fresh one.
      const made = await work({ idempotencyKey: n === 1 ? key : `${key}-${n}`, maxNetworkRetries: 0 });
      if (n >= MOST_KEYS || !isThere || !isGivenAgain(made) || (await isThere(made))) return made;
    } catch (error) {
      if (n >= MOST_KEYS || !isUsedUp(error)) throw error;
      const found = await find?.();
      if (found !== undefined) return found;
    }
  }
}

/** Whether Stripe's answer is the one it gave before under the same key. */
const isGivenAgain = (made: unknown): boolean =>
  (made as Partial<Stripe.Response<object>>).lastResponse?.headers['idempotent-replayed'] === 'true';

/** Whether a key has answered with a failure before, or belongs to a call with other parameters. */
function isUsedUp(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeError)) return false;
  const otherCall = error instanceof Stripe.errors.StripeIdempotencyError && error.statusCode === 400;
  return otherCall || error.headers?.['idempotent-replayed'] === 'true';
}
