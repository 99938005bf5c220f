import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock, DomainError, isId } from '@throughline/kernel';
import { Secrets } from '@throughline/platform';
import { errors, jwtVerify, SignJWT } from 'jose';

/** How long an access token lives. Every use looks its session up besides, so an ended session ends its tokens at once. */
export const ACCESS_TOKEN_MS = 10 * 60_000;
const ISSUER = 'throughline';
const AUDIENCE = 'api';
const ALGORITHM = 'HS256';

export interface AccessClaims {
  readonly userId: string;
  readonly sessionId: string;
  readonly expiresAt: Date;
}

/** Access tokens: signed JWTs that name a user and a session, and nothing that could go stale. */
@Injectable()
export class AccessTokens {
  private key: Promise<Uint8Array> | undefined;

  constructor(
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  async issue(userId: string, sessionId: string): Promise<{ token: string; expiresAt: Date }> {
    const issuedAt = Math.floor(this.clock.now().getTime() / 1000);
    const expiresAt = issuedAt + ACCESS_TOKEN_MS / 1000;
    const token = await new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
      .setSubject(userId)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(await this.signingKey());
    return { token, expiresAt: new Date(expiresAt * 1000) };
  }

  /** Claims of a token of ours that has not expired; UNAUTHENTICATED else. */
  async verify(token: string): Promise<AccessClaims> {
    try {
      const { payload } = await jwtVerify(token, await this.signingKey(), {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        currentDate: this.clock.now(),
        requiredClaims: ['sub', 'sid', 'exp'],
      });
      if (!isId(payload.sub) || !isId(payload.sid)) throw new errors.JWTInvalid('ids expected');
      return { userId: payload.sub, sessionId: payload.sid, expiresAt: new Date((payload.exp ?? 0) * 1000) };
    } catch (cause) {
      if (!(cause instanceof errors.JOSEError)) throw cause;
      const text =
        cause instanceof errors.JWTExpired ? 'The access token has expired' : 'The access token is not valid';
      throw new DomainError('UNAUTHENTICATED', text, [], { cause });
    }
  }

  private signingKey(): Promise<Uint8Array> {
    this.key ??= this.secrets
      .getOrCreate('access-token-key', () => randomBytes(32).toString('base64'))
      .then((text) => Buffer.from(text, 'base64'));
    this.key.catch(() => {
      this.key = undefined;
    });
    return this.key;
  }
}
