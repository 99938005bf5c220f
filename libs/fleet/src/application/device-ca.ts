import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { PublicKey } from '@peculiar/x509';
import { Clock } from '@throughline/kernel';
import { Secrets } from '@throughline/platform';
import { z } from 'zod';
import { caValidity, deviceValidity, serverValidity, type Validity } from '../domain/certificate-profile.js';
import {
  type Certified,
  type Credentials,
  certify,
  type Issued,
  issue,
  makeRoot,
  revocationList,
  validityOf,
} from './x509.js';

const SECRET = 'fleet.device-ca';
const stored = z.object({ certificatePem: z.string(), privateKeyPem: z.string() });

/**
 * The installation's own certificate authority: one ECDSA P-256 root, made at first use, kept sealed in the database. Of
 * processes that start at once all use the same. The key never leaves this class.
 */
@Injectable()
export class DeviceCa {
  private root: Promise<Credentials> | undefined;

  constructor(
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  /** The CA's certificate, PEM: what devices and the gateway check the other side with. */
  async certificatePem(): Promise<string> {
    return (await this.open()).certificatePem;
  }

  async issueForDevice(thingName: string): Promise<Issued & Validity> {
    const root = await this.open();
    const validity = deviceValidity(this.clock.now(), validityOf(root.certificatePem));
    return { ...(await issue(root, thingName, validity, { kind: 'device' })), ...validity };
  }

  /** For a key that the board keeps to itself. */
  async certifyDevice(publicKey: PublicKey, commonName: string): Promise<Certified & Validity> {
    const root = await this.open();
    const validity = deviceValidity(this.clock.now(), validityOf(root.certificatePem));
    return { ...(await certify(root, publicKey, commonName, validity, { kind: 'device' })), ...validity };
  }

  /** The certificate that all boards of a batch begin with, good until `notAfter` or the CA's end. */
  async issueForClaim(name: string, notAfter: Date): Promise<Issued & Validity> {
    const root = await this.open();
    const device = deviceValidity(this.clock.now(), validityOf(root.certificatePem));
    const validity = { ...device, notAfter: notAfter < device.notAfter ? notAfter : device.notAfter };
    return { ...(await issue(root, name, validity, { kind: 'device' })), ...validity };
  }

  async issueForServer(names: readonly string[]): Promise<Issued & Validity> {
    const root = await this.open();
    const validity = serverValidity(this.clock.now(), validityOf(root.certificatePem));
    return { ...(await issue(root, names[0] ?? 'localhost', validity, { kind: 'server', names })), ...validity };
  }

  /** PEM; good until the CA's own end and backdated as certificates are, so that no broker refuses everybody for its time. */
  async revocationList(entries: readonly { serialNumber: string; revokedAt: Date }[]): Promise<string> {
    const root = await this.open();
    return revocationList(root, entries, deviceValidity(this.clock.now(), validityOf(root.certificatePem)));
  }

  private open(): Promise<Credentials> {
    this.root ??= this.load().catch((error: unknown) => {
      this.root = undefined;
      throw error;
    });
    return this.root;
  }

  private async load(): Promise<Credentials> {
    const text = await this.secrets.getOrCreate(SECRET, async () => {
      const installation = randomBytes(4).toString('hex');
      return JSON.stringify(await makeRoot(`Throughline ${installation} device CA`, caValidity(this.clock.now())));
    });
    return stored.parse(JSON.parse(text));
  }
}
