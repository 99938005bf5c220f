import { hostname } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { CONFIG, type Config, Database, everyCustomer } from '@throughline/platform';
import { mustRenew, type Validity } from '../domain/certificate-profile.js';
import { RegisteredCaStore } from '../storage/provisioning/registered-ca.store.js';
import { DeviceCa } from './device-ca.js';
import type { Issued } from './x509.js';

/** What a TLS server needs, all PEM: `ca` is what it checks its clients with, our own CA and the registered ones. */
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
    private readonly database: Database,
    private readonly registered: RegisteredCaStore,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'http'>,
  ) {}

  /** The one to serve with now; another than before when less than 30 days of that one were left. */
  async current(): Promise<ServerCredentials> {
    if (this.issued && mustRenew(this.clock.now(), (await this.issued).notAfter)) this.issued = undefined;
    this.issued ??= this.ca.issueForServer(this.names()).catch((error: unknown) => {
      this.issued = undefined;
      throw error;
    });
    const { certificatePem, privateKeyPem, notAfter } = await this.issued;
    return { cert: certificatePem, key: privateKeyPem, ca: await this.trusted(), notAfter };
  }

  /** Those of deactivated CAs too: the devices they have registered go on. One that is over would be of no use. */
  private async trusted(): Promise<string> {
    const registered = await this.database.read(everyCustomer, (em) => this.registered.all(em));
    const now = this.clock.now();
    const pems = registered.filter((ca) => ca.notAfter > now).map((ca) => ca.certificatePem);
    return [await this.ca.certificatePem(), ...pems].join('');
  }

  private names(): string[] {
    const { publicUrl } = this.config.http;
    const publicHost = publicUrl === undefined ? [] : [new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')];
    return [...new Set(['localhost', '127.0.0.1', '::1', hostname(), ...publicHost])];
  }
}
