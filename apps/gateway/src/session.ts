import { deviceLifeCycle, type Requester } from '@throughline/fleet';
import type { DeviceConnection, DeviceLink, LinkEnd, Publication } from '@throughline/platform';
import type { DeviceMessages, IngestSource } from '@throughline/telemetry/mqtt';
import type { DeviceRequests } from './device-requests.js';

const MAX_TOPIC_BYTES = 256;
/** AWS IoT's limit of a payload. */
const MAX_REQUEST_BYTES = 128 * 1024;

type Done = (error?: Error) => void;

/**
 * One connection of a thing. It publishes below `dt/{thing}/` and on the request topics of AWS IoT that carry its name, and listens
 * below its own command topics, nowhere else.
 */
export class Session implements DeviceLink {
  private readonly publishes: string;
  private readonly listens: readonly string[];

  constructor(
    private readonly requester: Extract<Requester, { kind: 'device' }>,
    private readonly connection: DeviceConnection,
    private readonly source: IngestSource,
    private readonly messages: DeviceMessages,
    private readonly requests: DeviceRequests,
    readonly ended: (reason: LinkEnd) => void,
  ) {
    this.publishes = `dt/${this.name}/`;
    this.listens = [
      `cmd/${this.name}/`,
      `$aws/things/${this.name}/`,
      `$aws/commands/things/${this.name}/`,
      // Answers to its own requests alone are sent there, to it alone.
      '$aws/certificates/create-from-csr/',
    ];
  }

  get name(): string {
    return this.requester.thingName;
  }

  receive({ topic, payload, retain }: Publication, done: Done): void {
    const reserved = topic.startsWith('$');
    const refusal = reserved ? undefined : this.refusePublication(topic, retain);
    if (reserved) this.request(topic, payload, retain, done);
    else if (refusal !== undefined) done(new Error(refusal));
    else this.messages.receive(this.source, topic.slice(this.publishes.length), topic, payload, done);
  }

  receiveOversized({ topic, payload, retain }: Publication, bytes: number, done: Done): void {
    const refusal = this.refusePublication(topic, retain);
    if (refusal !== undefined) done(new Error(refusal));
    else this.messages.receiveOversized(this.source, topic, payload, bytes, done);
  }

  refuseSubscription(filter: string): string | undefined {
    return this.listens.some((prefix) => filter.startsWith(prefix))
      ? undefined
      : `it may not subscribe to "${shortened(filter)}"`;
  }

  subscribed(filter: string): void {
    this.messages.subscribed(this.source);
    if (filter.startsWith('$')) this.requests.subscribed(this.requester, filter, this.connection);
  }

  private request(topic: string, payload: Buffer, retain: boolean, done: Done): void {
    const { requester, requests, connection } = this;
    const service = requests.serviceFor(requester, topic);
    const { state } = this.source.entry;
    // Over a connection of our own it is cut; an outside broker knows nothing of it.
    if (!deviceLifeCycle[state].connects) done(new Error(`the device is ${state}`));
    else if (retain) done(new Error('retained messages are not kept here'));
    else if (!service) done(new Error(`it may not publish to "${shortened(topic)}"`));
    else if (payload.length > MAX_REQUEST_BYTES)
      done(new Error(`a request has at most ${MAX_REQUEST_BYTES} bytes (given: ${payload.length})`));
    else requests.run(service, { requester, topic, payload, receivedAt: requests.now() }, connection, done);
  }

  private refusePublication(topic: string, retain: boolean): string | undefined {
    if (retain) return 'retained messages are not kept here';
    if (!topic.startsWith(this.publishes)) return `it may not publish to "${shortened(topic)}"`;
    if (topic.length > MAX_TOPIC_BYTES) return `a topic has at most ${MAX_TOPIC_BYTES} bytes`;
    const { state } = this.source.entry;
    return deviceLifeCycle[state].messages === 'none' ? `the device is ${state}` : undefined;
  }
}

const shortened = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);
