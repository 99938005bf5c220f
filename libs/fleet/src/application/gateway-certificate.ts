import { hostname } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { CONFIG, type Config } from '@throughline/platform';
import { mustRenew, type Validity } from '../domain/certificate-profile.js';
import { DeviceCa } from './device-ca.js';
import type { Issued } from './x509.js';

/** What a TLS server needs, all PEM: `ca` is also what it checks its clients with. */
export interface ServerCredentials {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
  readonly notAfter: Date;
}

/**
 * The gateway's server certificate. Its key lives in the memory of the process that serves with it and nowhere else:
 * devices trust the CA, so every start may have a new one.
 */
@Injectable()
export class GatewayCertificate {
  private issued: Promise<Issued & Validity> | undefined;

  constructor(
    private readonly ca: DeviceCa,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'http'>,
  ) {}

  /** The one to serve with now; another than before when less than 30 days of that one were left. Ask once a day. */
  async current(): Promise<ServerCredentials> {
    if (this.issued && mustRenew(this.clock.now(), (await this.issued).notAfter)) this.issued = undefined;
    this.issued ??= this.ca.issueForServer(this.names()).catch((error: unknown) => {
      this.issued = undefined;
      throw error;
    });
    const { certificatePem, privateKeyPem, notAfter } = await this.issued;
    return { cert: certificatePem, key: privateKeyPem, ca: await this.ca.certificatePem(), notAfter };
  }

  private names(): string[] {
    const { publicUrl } = this.config.http;
    const publicHost = publicUrl === undefined ? [] : [new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')];
    return [...new Set(['localhost', '127.0.0.1', '::1', hostname(), ...publicHost])];
  }
}
