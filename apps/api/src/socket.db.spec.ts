import { WebSocket } from 'ws';
import { type ApiUnderTest, startApi } from '../../../test/support/api.js';

interface Message {
  type: string;
  id?: string;
  payload?: unknown;
}

/** One connection, spoken by hand so that the protocol itself is seen. */
class Caller {
  readonly messages: Message[] = [];
  closed: { code: number; reason: string } | undefined;
  private wake = (): void => undefined;

  constructor(private readonly socket: WebSocket) {
    socket.on('message', (data) => {
      this.messages.push(JSON.parse(String(data)) as Message);
      this.wake();
    });
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
      this.wake();
    });
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  subscribe(id: string, query: string): void {
    this.send({ id, type: 'subscribe', payload: { query } });
  }

  async until(done: () => boolean): Promise<void> {
    while (!done())
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
  }

  async answerTo(id: string): Promise<Message> {
    const found = () => this.messages.find((message) => message.id === id);
    await this.until(() => found() !== undefined || this.closed !== undefined);
    return found() ?? { type: `closed ${JSON.stringify(this.closed)}` };
  }

  end(): void {
    this.socket.terminate();
  }
}

describe('subscriptions over WebSocket', () => {
  let api: ApiUnderTest;
  const callers: Caller[] = [];

  beforeAll(async () => {
    api = await startApi({ PUBLIC_URL: 'http://portal.example.test' });
  });

  afterAll(async () => {
    for (const caller of callers) caller.end();
    await api.close();
  });

  const open = async (options: { origin?: string; path?: string; protocol?: string } = {}): Promise<Caller> => {
    const socket = new WebSocket(
      `${api.url.replace('http', 'ws')}${options.path ?? '/graphql'}`,
      options.protocol ?? 'graphql-transport-ws',
      { origin: options.origin },
    );
    const caller = new Caller(socket);
    callers.push(caller);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return caller;
  };

  const connected = async (token: string): Promise<Caller> => {
    const caller = await open();
    caller.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    await caller.until(() => caller.messages.length > 0 || caller.closed !== undefined);
    return caller;
  };

  it('opens for a caller with a token', async () => {
    const caller = await connected(await api.signIn('viewer'));
    expect(caller.messages).toEqual([{ type: 'connection_ack' }]);
  });

  it.each([
    ['no token', {}],
    ['a wrong token', { authorization: 'Bearer a.b.c' }],
    ['no text', { authorization: { $ne: '' } }],
  ])('closes for %s', async (_, payload) => {
    const caller = await open();
    caller.send({ type: 'connection_init', payload });
    await caller.until(() => caller.closed !== undefined);
    expect(caller.closed).toEqual({ code: 4403, reason: 'Forbidden' });
  });

  it('closes for who subscribes before saying who it is, or speaks another language', async () => {
    const early = await open();
    early.subscribe('1', 'subscription { assetLive { assetId } }');
    await early.until(() => early.closed !== undefined);
    expect(early.closed?.code).toBe(4401);
    const noise = await open();
    noise.send('{"type":');
    await noise.until(() => noise.closed !== undefined);
    expect(noise.closed?.code).toBe(4400);
  });

  it('is for subscriptions only and holds them to the limits', async () => {
    const caller = await connected(await api.signIn('admin'));
    const code = async (id: string, query: string) => {
      caller.subscribe(id, query);
      const { type, payload } = await caller.answerTo(id);
      expect(type).toBe('error');
      return (payload as { message: string; extensions: { code: string } }[])[0]?.extensions.code;
    };
    expect(await code('query', '{ viewer { id } }')).toBe('INVALID_INPUT');
    expect(await code('mutation', 'mutation { createCustomer(input: { name: "x" }) { id } }')).toBe('INVALID_INPUT');
    expect(await code('syntax', 'subscription {')).toBe('INVALID_INPUT');
    expect(await code('unknown', 'subscription { passwords }')).toBe('INVALID_INPUT');
    expect(await code('deep', `subscription ${'{ a '.repeat(11)}${'}'.repeat(11)}`)).toBe('QUERY_TOO_COMPLEX');
    expect(await code('long', `subscription { ${'a '.repeat(3_000)} }`)).toBe('QUERY_TOO_COMPLEX');
    const { createCustomer } = (await api.ask<{ createCustomer?: unknown }>('{ __typename }')) ?? {};
    expect(createCustomer).toBeUndefined();
  });

  it('ends when the token does, in a way that clients answer with a new token', async () => {
    const token = await api.signIn('operator');
    api.clock.advance(10 * 60_000 - 50);
    const caller = await connected(token);
    expect(caller.messages).toEqual([{ type: 'connection_ack' }]);
    await caller.until(() => caller.closed !== undefined);
    expect(caller.closed).toEqual({ code: 4403, reason: 'the access token has expired' });
  });

  it('refuses pages of other origins, other paths, other protocols and messages that are too big', async () => {
    await expect(open({ origin: 'https://evil.example' })).rejects.toThrow('403');
    await expect(open({ origin: 'null' })).rejects.toThrow('403');
    await expect(open({ path: '/graphql2' })).rejects.toThrow('404');
    await expect(open({ protocol: 'graphql-ws' })).rejects.toThrow();
    await expect(open({ origin: api.url })).resolves.toBeDefined();
    await expect(open({ origin: 'http://portal.example.test' })).resolves.toBeDefined();
    const big = await open();
    big.send(JSON.stringify({ type: 'connection_init', payload: { x: 'a'.repeat(300_000) } }));
    await big.until(() => big.closed !== undefined);
    expect(big.closed?.code).toBe(1009);
  });
});
