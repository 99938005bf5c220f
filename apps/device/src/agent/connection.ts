import { setTimeout as sleep } from 'node:timers/promises';
import { io, mqtt } from 'aws-iot-device-sdk-v2';
import type { DeviceIdentity } from './identity.js';

export interface ConnectionHandlers {
  /** Connected, for the first time or again; the session is clean each time. */
  up(): void;
  down(reason: string): void;
  message(topic: string, payload: string): void;
}

export interface ConnectionOptions {
  readonly keepAliveSeconds?: number;
  readonly reconnectMinMs?: number;
  readonly reconnectMaxMs?: number;
}

const CLOSE_WAIT_MS = 2000;

/** One event loop, resolver and socket setting serve all devices of a process. */
let shared: { client: mqtt.MqttClient; sockets: io.SocketOptions } | undefined;

/** Runs a handler after the native callback: an exception within it would abort the process without a word. */
function outside(handler: () => void): void {
  process.nextTick(handler);
}

function sharedRuntime() {
  shared ??= {
    client: new mqtt.MqttClient(new io.ClientBootstrap()),
    sockets: new io.SocketOptions(io.SocketType.STREAM, io.SocketDomain.IPV4, 5000),
  };
  return shared;
}

function tlsContext(tls: NonNullable<DeviceIdentity['tls']>): io.ClientTlsContext {
  const options = io.TlsContextOptions.create_client_with_mtls(tls.cert, tls.key);
  options.override_default_trust_store(tls.ca);
  options.min_tls_version = io.TlsVersion.TLSv1_2;
  options.verify_peer = true;
  return new io.ClientTlsContext(options);
}

/**
 * A connection that is kept up until `close`. The SDK reconnects by itself once it was connected; the first attempts are
 * repeated here. With a clean session the SDK fails every unanswered publish when the connection breaks, so the journal
 * alone decides what is sent again.
 */
export class Connection {
  readonly #identity: DeviceIdentity;
  readonly #handlers: ConnectionHandlers;
  readonly #options: Required<ConnectionOptions>;
  readonly #stop = new AbortController();
  #tls: io.ClientTlsContext | undefined;
  #native: mqtt.MqttClientConnection | undefined;
  #opening: Promise<void> | undefined;

  constructor(identity: DeviceIdentity, handlers: ConnectionHandlers, options: ConnectionOptions = {}) {
    this.#identity = identity;
    this.#handlers = handlers;
    this.#options = { keepAliveSeconds: 60, reconnectMinMs: 1000, reconnectMaxMs: 30_000, ...options };
  }

  /** For the SDK's own clients, which work over it; undefined until it was connected for the first time. */
  get native(): mqtt.MqttClientConnection | undefined {
    return this.#native;
  }

  /** Starts connecting; returns at once. */
  open(): void {
    this.#opening ??= this.#connectUntilDone();
  }

  /** Resolves with the PUBACK. @throws Error when the connection breaks before. */
  async publish(topic: string, payload: string): Promise<void> {
    if (!this.#native) throw new Error('not connected');
    await this.#native.publish(topic, payload, mqtt.QoS.AtLeastOnce);
  }

  /** @throws Error when the broker refuses. */
  async subscribe(topic: string): Promise<void> {
    if (!this.#native) throw new Error('not connected');
    const granted = await this.#native.subscribe(topic, mqtt.QoS.AtLeastOnce);
    if (granted.error_code || granted.qos > 2) throw new Error(`subscription to ${topic} refused`);
  }

  /** Sends DISCONNECT and forgets the connection. Unanswered publishes fail. */
  async close(): Promise<void> {
    this.#stop.abort();
    // An attempt under way cannot be called back and may take long (TLS failures do); it ends by itself.
    await Promise.race([this.#opening, sleep(CLOSE_WAIT_MS, undefined, { ref: false })]);
    const native = this.#native;
    this.#native = undefined;
    await native?.disconnect();
  }

  async #connectUntilDone(): Promise<void> {
    let delay = this.#options.reconnectMinMs;
    while (!this.#stop.signal.aborted) {
      try {
        const native = this.#create();
        await native.connect();
        if (this.#stop.signal.aborted) return await native.disconnect();
        this.#native = native;
        this.#handlers.up();
        return;
      } catch (error) {
        this.#handlers.down(String(error));
      }
      // Full delay less a random part, so that a fleet does not come back in step. An abort ends the wait and the loop.
      await sleep(delay * (0.5 + Math.random() / 2), undefined, { signal: this.#stop.signal }).catch(() => undefined);
      delay = Math.min(delay * 2, this.#options.reconnectMaxMs);
    }
  }

  #create(): mqtt.MqttClientConnection {
    const { client, sockets } = sharedRuntime();
    const identity = this.#identity;
    if (identity.tls) this.#tls ??= tlsContext(identity.tls);
    const native = client.new_connection({
      client_id: identity.clientId,
      host_name: identity.host,
      port: identity.port,
      clean_session: true,
      keep_alive: this.#options.keepAliveSeconds,
      ping_timeout: Math.min(10_000, this.#options.keepAliveSeconds * 500),
      protocol_operation_timeout: 60_000,
      reconnect_min_sec: Math.max(1, Math.round(this.#options.reconnectMinMs / 1000)),
      reconnect_max_sec: Math.max(1, Math.round(this.#options.reconnectMaxMs / 1000)),
      socket_options: sockets,
      use_websocket: false,
      disable_metrics: true,
      ...(this.#tls ? { tls_ctx: this.#tls } : { username: identity.thingName }),
    });
    native.on('interrupt', (error) => outside(() => this.#handlers.down(String(error.error_name ?? error))));
    native.on('resume', () =>
      outside(() => {
        if (!this.#stop.signal.aborted) this.#handlers.up();
      }),
    );
    // Each rejected operation is emitted here a second time; the promise is where it is dealt with.
    native.on('error', () => undefined);
    native.on('message', (topic, payload) => {
      // The bytes belong to the native side and are gone after this call; those of an empty message are gone already.
      const text = payload.byteLength === 0 ? '' : Buffer.from(payload).toString('utf8');
      outside(() => this.#handlers.message(topic, text));
    });
    return native;
  }
}
