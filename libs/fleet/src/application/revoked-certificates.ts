import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { deviceLifeCycle, deviceStates } from '../domain/device-state.js';
import { CertificateStore } from '../storage/certificate.store.js';
import { DeviceCa } from './device-ca.js';

const shut = deviceStates.filter((state) => !deviceLifeCycle[state].connects);

/** The certificate revocation list for brokers that check devices by themselves. */
@Injectable()
export class RevokedCertificates {
  constructor(
    private readonly database: Database,
    private readonly certificates: CertificateStore,
    private readonly ca: DeviceCa,
    private readonly clock: Clock,
  ) {}

  /** PEM: what is revoked, and the certificates of devices that may not connect (a resumed one is on the next list no more). */
  async list(): Promise<{ pem: string; count: number }> {
    const now = this.clock.now();
    const entries = await this.database.read(everyCustomer, (em) => this.certificates.notWelcome(em, shut, now));
    return { pem: await this.ca.revocationList(entries), count: entries.length };
  }
}
