import { setTimeout as sleep } from 'node:timers/promises';
import { type BoardKey, boardKey } from '../../../apps/gateway/test/boards.js';
import { type Answer, Asker, type Body } from './asker.js';

export interface ClaimFiles {
  readonly templateName: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly caPem: string;
}

interface Certificate {
  readonly id: string;
  readonly pem: string;
  readonly key: string;
  readonly token: string;
}

/** What a board was told when it became a device. */
export interface Told {
  readonly thingName: string;
  readonly certificateId: string;
  readonly connected: boolean;
}

/**
 * A line of boards that become devices one after the other, each trying until it is one: it repeats what was not answered with the
 * same key and parameters. Every fifth has its key made by the service; and a board may lose its power and know its key alone.
 */
export class BoardLine {
  readonly told = new Map<string, Told>();
  readonly faults: string[] = [];
  losses = 0;
  answers = 0;
  private running = true;

  constructor(
    private readonly name: string,
    private readonly claim: ClaimFiles,
    private readonly url: () => string,
    private readonly dice: () => number,
  ) {}

  /** The board that is at it becomes a device still. */
  stop(): void {
    this.running = false;
  }

  async run(): Promise<void> {
    for (let n = 1; this.running; n += 1) await this.provision(`${this.name}-${n}`, n);
  }

  private async provision(serial: string, n: number): Promise<void> {
    const own = n % 5 === 0 ? undefined : await boardKey(serial);
    let certificate: Certificate | undefined;
    for (let boots = 0; ; ) {
      const { certificatePem: cert, privateKeyPem: key, caPem: ca } = this.claim;
      const asker = await Asker.connect(this.url(), { clientId: `${serial}-boot-${boots}`, cert, key, ca });
      if (!asker) {
        await sleep(50);
        continue;
      }
      certificate ??= await this.certificate(asker, own);
      const thingName = certificate && (await this.thing(asker, serial, certificate));
      await asker.end();
      if (certificate && thingName !== undefined) {
        this.told.set(serial, { thingName, certificateId: certificate.id, connected: false });
        await this.connects(serial, thingName, certificate);
        return;
      }
      this.losses += 1;
      if (this.dice() < 0.3) {
        boots += 1;
        certificate = undefined;
      }
    }
  }

  private async certificate(asker: Asker, own: BoardKey | undefined): Promise<Certificate | undefined> {
    const answer = await asker.ask(
      `$aws/certificates/${own ? 'create-from-csr' : 'create'}/json`,
      own ? { certificateSigningRequest: own.csr } : {},
      true,
    );
    const body = this.accepted(answer);
    return (
      body && {
        id: String(body.certificateId),
        pem: String(body.certificatePem),
        key: own?.key ?? String(body.privateKey),
        token: String(body.certificateOwnershipToken),
      }
    );
  }

  /** Asked twice every now and then: the same request gets the same answer. */
  private async thing(asker: Asker, serial: string, { token }: Certificate): Promise<string | undefined> {
    const topic = `$aws/provisioning-templates/${this.claim.templateName}/provision/json`;
    const request = { certificateOwnershipToken: token, parameters: { SerialNumber: serial } };
    const first = this.accepted(await asker.ask(topic, request, true));
    if (first && this.dice() < 0.3) {
      const again = this.accepted(await asker.ask(topic, request, true));
      if (again && again.thingName !== first.thingName)
        this.faults.push(`${serial}: ${String(first.thingName)}, then ${String(again.thingName)}`);
    }
    return first && String(first.thingName);
  }

  private async connects(serial: string, thingName: string, { id, pem, key }: Certificate): Promise<void> {
    for (let tries = 0; tries < 600; tries += 1) {
      const device = await Asker.connect(this.url(), { clientId: thingName, cert: pem, key, ca: this.claim.caPem });
      await device?.end();
      if (device) return void this.told.set(serial, { thingName, certificateId: id, connected: true });
      await sleep(50);
    }
    this.faults.push(`${serial}: ${thingName} could not connect with its certificate`);
  }

  private accepted(answer: Answer): Body | undefined {
    if (answer.is === 'rejected' && answer.body.errorCode !== 'InternalError')
      this.faults.push(`${this.name}: ${JSON.stringify(answer.body)}`);
    if (answer.is !== 'lost') this.answers += 1;
    return answer.is === 'accepted' ? answer.body : undefined;
  }
}
