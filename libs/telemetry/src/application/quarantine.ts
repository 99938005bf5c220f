import { Injectable } from '@nestjs/common';
import { type Connection, Database, type DataScope, type PageRequest } from '@throughline/platform';
import type { QuarantinedMessage } from '@throughline/schema/telemetry';
import { QuarantineStore } from '../storage/quarantine.store.js';

export type { QuarantinedMessage };

/** What could not be stored as telemetry. */
@Injectable()
export class Quarantine {
  constructor(
    private readonly database: Database,
    private readonly store: QuarantineStore,
  ) {}

  /** Newest first. */
  async page(scope: DataScope, page: PageRequest, thingName?: string): Promise<Connection<QuarantinedMessage>> {
    return this.database.read(scope, (em) => this.store.page(em, page, thingName));
  }
}
