import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { RotationStore } from '../../storage/provisioning/rotation.store.js';
import { DirectoryChanges } from '../directory-changes.js';

/** Ends what a certificate replaces, once it has connected. */
@Injectable()
export class ConfirmRotation {
  constructor(
    private readonly database: Database,
    private readonly rotations: RotationStore,
    private readonly directory: DirectoryChanges,
    private readonly clock: Clock,
  ) {}

  /** To be called after a session began with that certificate. The old one's sessions are cut. */
  async run(fingerprint: string): Promise<void> {
    const open = await this.database.read(everyCustomer, (em) => this.rotations.hasOpen(em, fingerprint));
    if (!open) return;
    const devices = await this.database.transaction(everyCustomer, (em) =>
      this.rotations.confirm(em, fingerprint, this.clock.now()),
    );
    if (devices.length > 0) this.directory.announce(devices);
  }
}
