import { Injectable } from '@nestjs/common';
import { Clock, DomainError } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { Session, User } from '@throughline/schema/identity';
import { blockedUntil, signInLimits } from '../domain/sign-in-limit.js';
import { normalEmail } from '../domain/text-rules.js';
import { SignInAttemptStore } from '../storage/sign-in-attempt.store.js';
import { Passwords } from './passwords.js';
import { Sessions, type Tokens } from './sessions.js';

export interface SignedIn {
  readonly tokens: Tokens;
  readonly userId: string;
}

/**
 * E-mail and password for tokens. Unknown e-mail, wrong password and disabled user are one answer after the same work:
 * UNAUTHENTICATED. RATE_LIMITED, with the time to try again, after 10 failures of an e-mail or 50 of an address in 15 minutes.
 */
@Injectable()
export class SignIn {
  constructor(
    private readonly database: Database,
    private readonly attempts: SignInAttemptStore,
    private readonly passwords: Passwords,
    private readonly sessions: Sessions,
    private readonly clock: Clock,
  ) {}

  async execute(input: { email: string; password: string; address: string }): Promise<SignedIn> {
    const email = normalEmail(input.email).slice(0, 320);
    const keys = { address: `address:${input.address}`, email: `email:${email}` };
    await this.countAttempt(keys);

    const user = await this.database.read(everyCustomer, (em) => em.findOne(User, { email }));
    const right = await this.passwords.matches(user?.passwordHash, input.password);
    if (!user || !right || user.disabledAt)
      throw new DomainError('UNAUTHENTICATED', 'The e-mail or the password is wrong');

    const session = await this.database.transaction(everyCustomer, async (em) => {
      await this.attempts.takeBack(em, keys.address);
      await this.attempts.forget(em, keys.email);
      await em.nativeDelete(Session, { userId: user.id, expiresAt: { $lt: this.clock.now() } });
      return this.sessions.start(em, user.id, user.organisationId);
    });
    return { tokens: await this.sessions.tokensOf(session), userId: user.id };
  }

  /** Committed before the password is looked at, so that guesses sent at once are counted one by one. */
  private async countAttempt(keys: { address: string; email: string }): Promise<void> {
    const now = this.clock.now();
    const until = await this.database.transaction(everyCustomer, async (em) => {
      await this.attempts.removeOld(em, now);
      const ofAddress = await this.attempts.count(em, keys.address, now);
      const ofEmail = await this.attempts.count(em, keys.email, now);
      return blockedUntil(ofAddress, signInLimits.perAddress) ?? blockedUntil(ofEmail, signInLimits.perEmail);
    });
    if (until)
      throw new DomainError('RATE_LIMITED', `Too many failed sign-ins; try again after ${until.toISOString()}`, [
        { field: 'email', value: '…', rule: `try again after ${until.toISOString()}` },
      ]);
  }
}
