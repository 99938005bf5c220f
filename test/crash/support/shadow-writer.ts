import { setTimeout as sleep } from 'node:timers/promises';
import { Asker, type Body } from './asker.js';

/** A thing may ask 20 times a second, both of its writers together. */
const PAUSE_MS = 90;

interface ShadowBody extends Body {
  readonly version: number;
  readonly state: { readonly reported?: Record<string, unknown>; readonly desired?: Record<string, unknown> };
}

/**
 * One session of a thing that numbers its updates. After a loss it looks whether its last number is in the shadow, so in the end it
 * knows of each whether it was applied. A `careful` one names the version it expects and simply sends the same update again.
 */
export class ShadowWriter {
  /** Version → number of the update that was accepted with it. */
  readonly accepted = new Map<number, number>();
  /** How many of its updates were applied, and the last one's number. */
  applied = 0;
  last = 0;
  readonly faults: string[] = [];
  losses = 0;
  answers = 0;
  private running = true;
  private asker: Asker | undefined;

  constructor(
    readonly thing: string,
    readonly session: string,
    private readonly careful: boolean,
    private readonly url: () => string,
  ) {}

  stop(): void {
    this.running = false;
  }

  async run(): Promise<void> {
    let version = this.careful ? await this.versionNow() : 0;
    for (let n = 1; this.running; n += 1) {
      version = this.careful ? await this.carefully(n, version) : await this.simply(n);
      this.applied += 1;
      this.last = n;
      await sleep(PAUSE_MS);
    }
    await this.asker?.end();
  }

  /** Sends the update until it is applied; gives the version after it. */
  private async carefully(n: number, expected: number): Promise<number> {
    for (;;) {
      const answer = await this.ask('update', { state: this.stateOf(n), ...(expected > 0 && { version: expected }) });
      if (answer.is === 'accepted') return this.took(n, answer.body);
      if (answer.is === 'lost') {
        // Without an expected version the first update cannot be told from its repetition: it is looked for.
        if (expected > 0) continue;
        const found = await this.find(n);
        if (found !== undefined) return found;
      } else if (answer.body.code === 409) {
        const found = await this.find(n);
        if (found !== expected + 1)
          this.faults.push(`${this.session}: update ${n} was refused and version is ${found}`);
        return expected + 1;
      } else await this.refused(n, answer.body);
    }
  }

  private async simply(n: number): Promise<number> {
    for (;;) {
      const answer = await this.ask('update', { state: this.stateOf(n) });
      if (answer.is === 'accepted') return this.took(n, answer.body);
      if (answer.is === 'rejected') await this.refused(n, answer.body);
      else {
        const found = await this.find(n);
        if (found !== undefined) return found;
      }
    }
  }

  private took(n: number, body: Body): number {
    const { version } = body as ShadowBody;
    if (this.accepted.has(version)) this.faults.push(`${this.session}: version ${version} was accepted twice`);
    this.accepted.set(version, n);
    return version;
  }

  private async refused(n: number, { code, message }: Body): Promise<void> {
    if (code !== 429 && code !== 500) this.faults.push(`${this.session}: update ${n} got ${code} ${message}`);
    await sleep(2 * PAUSE_MS);
  }

  /** The shadow's version when update `n` of this session is its latest, else undefined. */
  private async find(n: number): Promise<number | undefined> {
    for (;;) {
      const answer = await this.ask('get', {});
      if (answer.is === 'accepted') {
        const { state, version } = answer.body as ShadowBody;
        return state.reported?.[this.session] === n ? version : undefined;
      }
      if (answer.is === 'rejected' && answer.body.code === 404) return undefined;
      await sleep(PAUSE_MS);
    }
  }

  private async versionNow(): Promise<number> {
    for (;;) {
      const answer = await this.ask('get', {});
      if (answer.is === 'accepted') return (answer.body as ShadowBody).version;
      if (answer.is === 'rejected' && answer.body.code === 404) return 0;
      await sleep(PAUSE_MS);
    }
  }

  private async ask(operation: 'get' | 'update', body: Body) {
    while (!this.asker?.open) {
      await this.asker?.end();
      const options = { clientId: `${this.thing}-${this.session}`, username: this.thing };
      this.asker = await Asker.connect(this.url(), options, [`$aws/things/${this.thing}/shadow/#`]);
      if (!this.asker) await sleep(50);
    }
    const answer = await this.asker.ask(`$aws/things/${this.thing}/shadow/${operation}`, body);
    if (answer.is === 'lost') this.losses += 1;
    else this.answers += 1;
    return answer;
  }

  /** Every third one also desires something, which is what the history is of. */
  private stateOf(n: number): Body {
    return {
      reported: { [this.session]: n, [`pad-${this.session}`]: `${n}`.repeat(8) },
      ...(n % 3 === 0 && { desired: { [this.session]: n } }),
    };
  }
}
