import { AwsNews } from '@throughline/fleet';
import { DomainError } from '@throughline/kernel';
import type { Logger } from '@throughline/platform';
import { AwsNewsRouter } from './aws-news-router.js';

/** Takes what its outcomes say, one after the other; what is left after them is taken. */
class News extends AwsNews {
  readonly taken: string[] = [];

  constructor(
    readonly filters: readonly string[],
    private readonly outcomes: (Error | undefined)[] = [],
  ) {
    super();
  }

  async take(topic: string, payload: Buffer): Promise<void> {
    this.taken.push(`${topic} ${payload}`);
    const fault = this.outcomes.shift();
    if (fault) throw fault;
  }
}

class Router extends AwsNewsRouter {
  pauses = 0;
  onPause: () => void = () => undefined;

  protected override async pause(): Promise<void> {
    this.pauses += 1;
    this.onPause();
  }
}

const logged: string[] = [];
const logger = {
  warn: (_: object, text: string) => logged.push(`warn ${text}`),
  error: (_: object, text: string) => logged.push(`error ${text}`),
} as unknown as Logger;
beforeEach(() => logged.splice(0));

const router = (...news: News[]): Router => new Router(news, logger);
const broken = (code: string): Error => Object.assign(new Error('refused'), { code });
const topic = '$aws/things/pump-1/shadow/update/documents';
const shadows = '$aws/things/+/shadow/update/documents';

describe('news of AWS IoT', () => {
  it('goes to the one whose filter it matches, a level for a plus', async () => {
    const [one, other] = [new News([shadows]), new News(['$aws/events/presence/connected/+'])];
    const all = router(one, other);
    expect(all.filters).toEqual([shadows, '$aws/events/presence/connected/+']);
    await all.take(topic, Buffer.from('{}'));
    await all.take('$aws/things/a/b/shadow/update/documents', Buffer.from('{}'));
    await all.take('$aws/events/presence/connected/pump-1', Buffer.from('x'));
    expect(one.taken).toEqual([`${topic} {}`]);
    expect(other.taken).toEqual(['$aws/events/presence/connected/pump-1 x']);
  });

  it('that nobody asked for is acknowledged', async () => {
    await expect(router(new News([shadows])).take('elsewhere', Buffer.from(''))).resolves.toBeUndefined();
    expect(logged).toEqual([]);
  });

  it.each([
    ['the database is away', broken('ECONNREFUSED')],
    ['PostgreSQL is starting', broken('57P03')],
    ['a serialisation failure', broken('40001')],
    ['a failure that may pass', new DomainError('UNAVAILABLE', 'later')],
  ])('is tried again until it is stored: %s', async (_, fault) => {
    const news = new News([shadows], [fault, fault]);
    const all = router(news);
    await all.take(topic, Buffer.from('{}'));
    expect(news.taken).toHaveLength(3);
    expect(all.pauses).toBe(2);
    expect(logged).toEqual(Array(2).fill('warn news of AWS IoT was not stored and is tried again'));
  });

  it.each([
    ['what cannot be read', new DomainError('INVALID_INPUT', 'not JSON')],
    ['a value PostgreSQL does not take', broken('22P05')],
    ['a broken constraint', broken('23514')],
  ])(
    'that never will be stored is left out and acknowledged, so that what follows is not held up: %s',
    async (_, fault) => {
      const news = new News([shadows], [fault]);
      const all = router(news);
      await expect(all.take(topic, Buffer.from('{}'))).resolves.toBeUndefined();
      expect(news.taken).toHaveLength(1);
      expect(all.pauses).toBe(0);
      expect(logged).toEqual(['error news of AWS IoT was left out']);
    },
  );

  it('is not acknowledged when the gateway stops while it waits, so that it comes again', async () => {
    const news = new News([shadows], [broken('ECONNREFUSED'), broken('ECONNREFUSED')]);
    const all = router(news);
    all.onPause = () => all.stop();
    await expect(all.take(topic, Buffer.from('{}'))).rejects.toThrow('what was not stored comes again');
    expect(news.taken).toHaveLength(1);
  });
});
