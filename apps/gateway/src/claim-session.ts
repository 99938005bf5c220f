import type { Requester } from '@throughline/fleet';
import type { DeviceConnection, DeviceLink, LinkEnd, Publication } from '@throughline/platform';
import type { DeviceRequests } from './device-requests.js';

const MAX_REQUEST_BYTES = 32 * 1024;
/** A board needs two; one that keeps asking is broken or hostile. */
const MAX_REQUESTS = 50;

type Done = (error?: Error) => void;

/** One connection of a board that is no device yet: it may ask for a certificate and become one, and reach nothing else. */
export class ClaimSession implements DeviceLink {
  /** No thing is named so: two boards of a batch with the same client id take over from each other, never from a device. */
  readonly name: string;
  private readonly topics: ReadonlySet<string>;
  private readonly filters: ReadonlySet<string>;
  private asked = 0;

  constructor(
    private readonly requester: Extract<Requester, { kind: 'claim' }>,
    templateName: string,
    private readonly connection: DeviceConnection,
    private readonly requests: DeviceRequests,
    readonly ended: (reason: LinkEnd) => void,
  ) {
    this.name = `claim/${requester.claimId}`;
    const topics = ['json', 'cbor'].flatMap((format) => [
      `$aws/certificates/create-from-csr/${format}`,
      `$aws/certificates/create/${format}`,
      `$aws/provisioning-templates/${templateName}/provision/${format}`,
    ]);
    this.topics = new Set(topics);
    this.filters = new Set(topics.flatMap((topic) => ['accepted', 'rejected', '+'].map((last) => `${topic}/${last}`)));
  }

  receive({ topic, payload, retain }: Publication, done: Done): void {
    const { requester, requests, connection } = this;
    const service = this.topics.has(topic) ? requests.serviceFor(requester, topic) : undefined;
    this.asked += 1;
    if (!service) done(new Error(`a claim may not publish to "${topic.slice(0, 100)}"`));
    else if (retain) done(new Error('retained messages are not kept here'));
    else if (payload.length > MAX_REQUEST_BYTES)
      done(new Error(`a request of provisioning has at most ${MAX_REQUEST_BYTES} bytes (given: ${payload.length})`));
    else if (this.asked > MAX_REQUESTS) done(new Error(`a claim asks at most ${MAX_REQUESTS} times a connection`));
    else requests.run(service, { requester, topic, payload, receivedAt: requests.now() }, connection, done);
  }

  receiveOversized(_publication: Publication, bytes: number, done: Done): void {
    done(new Error(`a request of provisioning has at most ${MAX_REQUEST_BYTES} bytes (given: ${bytes})`));
  }

  refuseSubscription(filter: string): string | undefined {
    return this.filters.has(filter) ? undefined : `a claim may not subscribe to "${filter.slice(0, 100)}"`;
  }

  /** Answers come unasked: there is nothing to remind a board of. */
  subscribed(): void {
    // Nothing.
  }
}
