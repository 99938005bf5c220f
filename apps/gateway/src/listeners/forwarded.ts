/** Of the packets last sent to a client; one packet reaches all its subscriptions at once, so few suffice. */
const REMEMBERED = 16;

interface Packet {
  readonly brokerCounter?: number;
}

/**
 * Sends a packet once to a client with several subscriptions that match it. Aedes takes every packet for a repetition whose number
 * is below the last one it sent, and so drops what was overtaken: a reply at QoS 1, which is looked up in the session first, is
 * lost whenever a QoS 0 message passes it meanwhile. This remembers the numbers themselves.
 */
export class Forwarded {
  private readonly sent = new WeakMap<object, { numbers: Float64Array; next: number }>();

  constructor(private readonly brokerId: string) {}

  /** Takes Aedes' own rule off a new client. */
  replaceRule(client: object): void {
    const { duplicates } = client as { duplicates: object };
    Object.defineProperty(duplicates, this.brokerId, { get: () => 0, set: () => undefined });
  }

  /** Whether the packet was not sent to the client yet; it counts as sent from now on. */
  first(client: object, { brokerCounter }: Packet): boolean {
    if (brokerCounter === undefined) return true;
    let sent = this.sent.get(client);
    if (!sent) {
      sent = { numbers: new Float64Array(REMEMBERED), next: 0 };
      this.sent.set(client, sent);
    }
    if (sent.numbers.includes(brokerCounter)) return false;
    sent.numbers[sent.next] = brokerCounter;
    sent.next = (sent.next + 1) % REMEMBERED;
    return true;
  }
}
