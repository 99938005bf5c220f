import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { Aedes } from 'aedes';
import type { DeviceMessage } from '../src/agent/message.js';
import type { TestAuthority } from './authority.js';

/** One message as it reached the broker; a batch is taken apart. */
export interface Received {
  readonly client: string;
  readonly topic: string;
  readonly message: DeviceMessage;
  readonly publish: number;
}

export interface TestBrokerOptions {
  readonly port?: number;
  readonly tls?: TestAuthority;
  /** Sends `committed` for the highest contiguous sequence number after each telemetry publish. Default true. */
  readonly commits?: boolean;
}

/**
 * A broker as the gateway is one for a device: PUBACK when told to, `committed` for what came without holes. It can hold
 * PUBACKs back and cut all connections.
 */
export class TestBroker {
  readonly received: Received[] = [];
  readonly logins: { client: string; username: string | undefined; commonName: string | undefined }[] = [];
  /** PUBACKs are held back while true; `release` gives the held ones. */
  holding = false;
  commits: boolean;
  mostHeld = 0;
  #held: (() => void)[] = [];
  #publishes = 0;
  readonly #sockets = new Set<Socket>();
  readonly #aedes: Aedes;
  readonly #server: Server;
  readonly #seen = new Map<string, Set<number>>();

  static async start(options: TestBrokerOptions = {}): Promise<TestBroker> {
    const broker = new TestBroker(await Aedes.createBroker(), options);
    await new Promise<void>((resolve) => broker.#server.listen(options.port ?? 0, '127.0.0.1', resolve));
    return broker;
  }

  private constructor(aedes: Aedes, options: TestBrokerOptions) {
    this.commits = options.commits ?? true;
    this.#aedes = aedes;
    const accept = (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
      aedes.handle(socket);
    };
    const { tls } = options;
    this.#server = tls
      ? createTlsServer({ ...tls.server, ca: tls.ca, requestCert: true, rejectUnauthorized: true }, accept)
      : createServer(accept);
    aedes.authenticate = (client, username, _password, done) => {
      const socket = client.conn as Partial<TLSSocket>;
      const commonName = socket.getPeerCertificate?.().subject?.CN;
      this.logins.push({ client: client.id, username: username?.toString(), commonName: commonName?.toString() });
      done(null, true);
    };
    aedes.authorizePublish = (client, packet, done) => {
      // Nobody answers requests on AWS IoT's topics here.
      if (!client || packet.topic.startsWith('$aws/')) return done(null);
      this.#publishes += 1;
      const content = JSON.parse(packet.payload.toString()) as DeviceMessage | DeviceMessage[];
      for (const message of Array.isArray(content) ? content : [content])
        this.received.push({ client: client.id, topic: packet.topic, message, publish: this.#publishes });
      if (!this.holding) return this.#answer(client.id, () => done(null));
      this.#held.push(() => this.#answer(client.id, () => done(null)));
      this.mostHeld = Math.max(this.mostHeld, this.#held.length);
    };
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  get heldPubacks(): number {
    return this.#held.length;
  }

  /** Telemetry sequence numbers in the order of arrival. */
  get sequence(): number[] {
    return this.received.flatMap(({ message }) => ('seq' in message ? [message.seq] : []));
  }

  /** Gives all held PUBACKs and holds no more. */
  release(): void {
    this.holding = false;
    for (const give of this.#held.splice(0)) give();
  }

  /** Cuts every connection without a word, as a network does; held PUBACKs are lost. */
  cut(): void {
    this.#held = [];
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Sends a `committed` payload to a device. */
  say(thing: string, payload: string): void {
    this.#aedes.publish(
      {
        cmd: 'publish',
        topic: `cmd/${thing}/telemetry/committed`,
        payload: Buffer.from(payload),
        qos: 1,
        retain: false,
        dup: false,
      },
      () => undefined,
    );
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await new Promise<void>((resolve) => this.#aedes.close(() => resolve()));
  }

  #answer(thing: string, puback: () => void): void {
    puback();
    if (!this.commits) return;
    const last = this.received.findLast((one) => one.client === thing && 'seq' in one.message)?.message;
    if (!last) return;
    const seen = this.#seen.get(`${thing}/${last.boot}`) ?? new Set();
    this.#seen.set(`${thing}/${last.boot}`, seen);
    for (const { client, message } of this.received)
      if (client === thing && message.boot === last.boot && 'seq' in message) seen.add(message.seq);
    let seq = 0;
    while (seen.has(seq + 1)) seq += 1;
    if (seq > 0) this.say(thing, JSON.stringify({ boot: last.boot, seq }));
  }
}
