import { Injectable } from '@nestjs/common';
import { Clock, newId } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import { Session } from '@throughline/schema/identity';
import { newRefreshToken } from '../domain/credentials.js';
import { AccessTokens } from './access-tokens.js';

/** A session ends this long after sign-in, however often it is refreshed. */
export const SESSION_MS = 30 * 24 * 3_600_000;

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** End of the access token. */
  readonly expiresAt: Date;
}

/** A session as its next tokens need it. The refresh token is in no other place. */
export interface OpenSession {
  readonly userId: string;
  readonly sessionId: string;
  readonly refreshToken: string;
}

/** Begins and continues sessions inside the caller's transaction; their tokens are made after its commit. */
@Injectable()
export class Sessions {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly clock: Clock,
  ) {}

  async start(em: EntityManager, userId: string, organisationId: string): Promise<OpenSession> {
    const now = this.clock.now();
    const id = newId(now.getTime());
    const refresh = newRefreshToken(id);
    em.create(Session, {
      id,
      userId,
      organisationId,
      refreshHash: refresh.hash,
      createdAt: now,
      expiresAt: new Date(now.getTime() + SESSION_MS),
    });
    await em.flush();
    return { userId, sessionId: id, refreshToken: refresh.text };
  }

  /** A new refresh token in place of the session's present one. */
  async rotate(em: EntityManager, session: Session): Promise<OpenSession> {
    const refresh = newRefreshToken(session.id);
    session.previousHash = session.refreshHash;
    session.refreshHash = refresh.hash;
    await em.flush();
    return { userId: session.userId, sessionId: session.id, refreshToken: refresh.text };
  }

  async tokensOf({ userId, sessionId, refreshToken }: OpenSession): Promise<Tokens> {
    const { token, expiresAt } = await this.tokens.issue(userId, sessionId);
    return { accessToken: token, refreshToken, expiresAt };
  }
}
