import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { deviceLifeCycle, deviceStates } from '../../domain/device-state.js';
import { type EndedAccess, type OpenSession, SessionStore } from '../../storage/provisioning/session.store.js';

const connecting = deviceStates.filter((state) => deviceLifeCycle[state].connects);

/** Which open sessions have lost their right: revoked, expired, suspended, retired. */
@Injectable()
export class CheckSessions {
  constructor(
    private readonly database: Database,
    private readonly sessions: SessionStore,
    private readonly clock: Clock,
  ) {}

  /** One query for all, however many. */
  async ended(sessions: readonly OpenSession[]): Promise<EndedAccess[]> {
    if (sessions.length === 0) return [];
    return this.database.read(everyCustomer, (em) => this.sessions.ended(em, sessions, connecting, this.clock.now()));
  }

  async endedClaims(claimIds: readonly string[]): Promise<string[]> {
    if (claimIds.length === 0) return [];
    return this.database.read(everyCustomer, (em) => this.sessions.endedClaims(em, claimIds, this.clock.now()));
  }
}
