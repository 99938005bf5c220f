import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { invalid } from '@throughline/kernel';

/** OWASP's parameters for argon2id: 19 MiB, two passes, one lane (about 20 ms here). */
const argon2id = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

const MIN_LENGTH = 10;
const MAX_LENGTH = 200;

@Injectable()
export class Passwords {
  private nobody: Promise<string> | undefined;

  /** Hash to store; INVALID_INPUT for passwords shorter than 10 or longer than 200 characters. The error never shows it. */
  hash(password: string): Promise<string> {
    if (password.length < MIN_LENGTH || password.length > MAX_LENGTH)
      throw invalid({ field: 'password', value: '…', rule: `must have ${MIN_LENGTH} to ${MAX_LENGTH} characters` });
    return hash(password, argon2id);
  }

  /** Takes as long for an unknown user (`stored` undefined) as for a wrong password. */
  async matches(stored: string | undefined, password: string): Promise<boolean> {
    this.nobody ??= hash('nobody has this password', argon2id);
    const given = password.length > MAX_LENGTH ? '' : password;
    const right = await verify(stored ?? (await this.nobody), given);
    return right && stored !== undefined && password.length <= MAX_LENGTH;
  }
}
