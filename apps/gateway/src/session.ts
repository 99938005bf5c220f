import { deviceLifeCycle } from '@throughline/fleet';
import type { DeviceLink, LinkEnd, Publication } from '@throughline/platform';
import type { DeviceMessages, IngestSource } from '@throughline/telemetry/mqtt';

const MAX_TOPIC_BYTES = 256;

type Done = (error?: Error) => void;

/** One connection of a thing. It publishes below `dt/{thing}/` and listens below its own command topics, nowhere else. */
export class Session implements DeviceLink {
  private readonly publishes: string;
  private readonly listens: readonly string[];

  constructor(
    readonly name: string,
    private readonly source: IngestSource,
    private readonly messages: DeviceMessages,
    readonly ended: (reason: LinkEnd) => void,
  ) {
    this.publishes = `dt/${name}/`;
    this.listens = [`cmd/${name}/`, `$aws/things/${name}/`];
  }

  receive({ topic, payload, retain }: Publication, done: Done): void {
    const refusal = this.refusePublication(topic, retain);
    if (refusal !== undefined) done(new Error(refusal));
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

  subscribed(): void {
    this.messages.subscribed(this.source);
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
