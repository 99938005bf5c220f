import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { Session } from '@throughline/schema/identity';
import { sameHash, sessionOf, sha256 } from '../domain/credentials.js';

/** Ends the session of a refresh token, with all its access tokens. True also when there was none to end. */
@Injectable()
export class SignOut {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async execute(refreshToken: string): Promise<{ userId: string | undefined }> {
    const id = sessionOf(refreshToken);
    if (!id) return { userId: undefined };
    return this.database.transaction(everyCustomer, async (em) => {
      const session = await em.findOne(Session, { id });
      const hash = sha256(refreshToken);
      const known = session && [session.refreshHash, session.previousHash ?? ''].some((h) => sameHash(hash, h));
      if (!known) return { userId: undefined };
      session.revokedAt ??= this.clock.now();
      return { userId: session.userId };
    });
  }
}
