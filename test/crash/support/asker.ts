import { randomUUID } from 'node:crypto';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';

const ANSWER_LIMIT_MS = 8_000;

export type Body = Record<string, unknown>;
/** `lost`: the connection ended, or nothing came in time; whether it was carried out nobody can say. */
export type Answer =
  | { readonly is: 'accepted'; readonly body: Body }
  | { readonly is: 'rejected'; readonly body: Body }
  | { readonly is: 'lost' };

/** One connection of a device that asks on `$aws/…` and waits for the answer, as the SDKs do. It ends with its first loss. */
export class Asker {
  private readonly waiting = new Map<string, (answer: Answer) => void>();

  private constructor(private readonly client: MqttClient) {
    client.on('error', () => undefined);
    client.on('close', () => this.lost());
    client.on('message', (topic, payload) => {
      const end = topic.lastIndexOf('/');
      const is = topic.slice(end + 1);
      if (is !== 'accepted' && is !== 'rejected') return;
      const body = JSON.parse(payload.toString()) as Body;
      const keys = [topic.slice(0, end), `${topic.slice(0, end)} ${String(body.clientToken)}`];
      for (const key of keys) this.waiting.get(key)?.({ is, body });
    });
  }

  /** Undefined when the gateway is not there or ended the attempt. */
  static async connect(
    url: string,
    options: IClientOptions,
    filters: readonly string[] = [],
  ): Promise<Asker | undefined> {
    try {
      const all = { protocolVersion: 4, reconnectPeriod: 0, connectTimeout: ANSWER_LIMIT_MS, ...options } as const;
      const asker = new Asker(await connectAsync(url, all, false));
      if (filters.length > 0) await asker.client.subscribeAsync([...filters], { qos: 1 });
      return asker;
    } catch {
      return undefined;
    }
  }

  get open(): boolean {
    return this.client.connected && !this.client.disconnecting;
  }

  /** With a token of its own, but on topics that have none (`tokenless`). */
  async ask(topic: string, body: Body, tokenless = false): Promise<Answer> {
    const clientToken = randomUUID();
    const key = tokenless ? topic : `${topic} ${clientToken}`;
    if (!this.open) return { is: 'lost' };
    const answer = await new Promise<Answer>((resolve) => {
      const timer = setTimeout(() => resolve({ is: 'lost' }), ANSWER_LIMIT_MS);
      this.waiting.set(key, (given) => {
        clearTimeout(timer);
        resolve(given);
      });
      this.client.publish(topic, JSON.stringify(tokenless ? body : { ...body, clientToken }), { qos: 1 });
    });
    this.waiting.delete(key);
    if (answer.is === 'lost') await this.end();
    return answer;
  }

  async end(): Promise<void> {
    await this.client.endAsync(true).catch(() => undefined);
  }

  private lost(): void {
    for (const answer of this.waiting.values()) answer({ is: 'lost' });
  }
}
