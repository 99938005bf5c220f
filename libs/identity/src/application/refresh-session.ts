import { LockMode } from '@mikro-orm/core';
import { Injectable } from '@nestjs/common';
import { Clock, DomainError } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { Session, User } from '@throughline/schema/identity';
import { sameHash, sessionOf, sha256 } from '../domain/credentials.js';
import { type OpenSession, Sessions } from './sessions.js';
import type { SignedIn } from './sign-in.js';

/**
 * A refresh token for new tokens; each works once. An old one of a live session means that two parties hold its tokens, so the
 * session is ended for both. Everything that does not work is the same UNAUTHENTICATED.
 */
@Injectable()
export class RefreshSession {
  constructor(
    private readonly database: Database,
    private readonly sessions: Sessions,
    private readonly clock: Clock,
  ) {}

  async execute(refreshToken: string): Promise<SignedIn> {
    const sessionId = sessionOf(refreshToken);
    const session = sessionId
      ? await this.database.transaction(everyCustomer, async (em): Promise<OpenSession | undefined> => {
          const session = await em.findOne(Session, { id: sessionId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
          const now = this.clock.now();
          if (!session || session.revokedAt || session.expiresAt <= now) return undefined;
          if (!sameHash(sha256(refreshToken), session.refreshHash)) {
            session.revokedAt = now;
            return undefined;
          }
          const user = await em.findOne(User, { id: session.userId, disabledAt: null });
          return user ? this.sessions.rotate(em, session) : undefined;
        })
      : undefined;
    if (!session) throw new DomainError('UNAUTHENTICATED', 'The session has ended; sign in again');
    return { tokens: await this.sessions.tokensOf(session), userId: session.userId };
  }
}
