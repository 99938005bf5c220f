/** The way back to one client. */
export interface DeviceConnection {
  /** To this client alone, subscribed or not, at QoS 1. Nothing happens when it is gone. */
  send(topic: string, payload: string | Buffer): void;
  /** Ends the connection at once; `ended` is told this reason. */
  end(reason: LinkEnd): void;
}

/** A client that asks to be connected. */
export interface LinkRequest {
  readonly connection: DeviceConnection;
  readonly clientId: string;
  readonly username: string | undefined;
  /** SHA-256 of its TLS certificate, hex; undefined on an unencrypted listener. */
  readonly fingerprint: string | undefined;
  /** That certificate itself, DER. */
  readonly certificate: Buffer | undefined;
  readonly remoteAddress: string | undefined;
}

/** Why a connection ended, as far as the listener can tell. */
export type LinkEnd =
  | 'client_disconnect'
  | 'keep_alive_timeout'
  | 'connection_lost'
  | 'taken_over'
  | 'access_ended'
  | 'refused'
  | 'stopped';

/** A packet a client published. */
export interface Publication {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain: boolean;
}

/** What the handlers keep of one connection. Topics outside its own are refused by the methods, with the reason to log. */
export interface DeviceLink {
  /** Owner of the connection; several connections may have the same. */
  readonly name: string;
  /**
   * Takes a publication. `done()` acknowledges it to the client and must come after everything of it is durable;
   * `done(error)` ends the connection without an acknowledgement.
   */
  receive(publication: Publication, done: (error?: Error) => void): void;
  /** A publication larger than the listener reads: its first bytes and its full size. */
  receiveOversized(publication: Publication, bytes: number, done: (error?: Error) => void): void;
  /** Why the filter may not be subscribed, or undefined. */
  refuseSubscription(filter: string): string | undefined;
  subscribed(filter: string): void;
  ended(reason: LinkEnd): void;
}

export type LinkAnswer = { readonly link: DeviceLink } | { readonly refused: string };

/** What a listener hands on to. The same whichever broker carries the messages. */
export interface DeviceHandlers {
  /** Topics of requests that one process alone may answer, as filters. */
  readonly requestFilters: readonly string[];
  /** A client connects to us. */
  connecting(request: LinkRequest): Promise<LinkAnswer>;
  /** A message on that topic came through an outside broker, which has checked that the topic is the sender's. */
  arriving(name: string, connection: DeviceConnection): Promise<LinkAnswer>;
  /**
   * A client of that name connected to the outside broker, which has checked its certificate. Gives what is to be told when its
   * connection ends, or undefined when it is nobody's.
   */
  arrived(name: string, remoteAddress: string | undefined): Promise<((reason: LinkEnd) => void) | undefined>;
}

/** Carries messages between devices and handlers: a broker of our own, or a client of an outside one. */
export abstract class DeviceListener {
  /** Starts to listen; resolves to the addresses to be told, by name. */
  abstract start(handlers: DeviceHandlers): Promise<Record<string, string>>;
  /** Takes no more connections and reads nothing more; what was handed on can still be acknowledged. */
  abstract quiesce(): Promise<void>;
  /** Ends all connections. */
  abstract stop(): Promise<void>;
  /** To whoever subscribed to the topic: at most once with QoS 0, at least once with QoS 1. Resolves when it is on its way. */
  abstract send(topic: string, payload: string | Buffer, qos?: 0 | 1): Promise<void>;
  /** Whether to read from connections: off while too much waits to be stored. */
  abstract flow(on: boolean): void;
  abstract readonly connections: number;
}
