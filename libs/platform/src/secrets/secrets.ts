import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DomainError, everyCustomer } from '@throughline/kernel';
import { InstallationSecret } from '@throughline/schema/platform';
import { CONFIG, type Config } from '../config/config.js';
import { Database } from '../database/database.js';

/** Secrets made once an installation and kept sealed in the database: AES-256-GCM under the installation key, bound to their name. */
@Injectable()
export class Secrets {
  constructor(
    private readonly database: Database,
    @Inject(CONFIG) private readonly config: Pick<Config, 'installationKey'>,
  ) {}

  /** The secret of that name; made by `make` when there is none. Of processes that start at once, all get the same. */
  async getOrCreate(name: string, make: () => string | Promise<string>): Promise<string> {
    const found = await this.find(name);
    if (found !== undefined) return found;
    const sealed = this.seal(name, await make());
    await this.database.transaction(everyCustomer, (em) =>
      em.execute('insert into installation_secret (name, sealed) values (?, ?) on conflict (name) do nothing', [
        name,
        sealed,
      ]),
    );
    const winner = await this.find(name);
    if (winner === undefined) throw new DomainError('INTERNAL', `secret ${name} vanished`);
    return winner;
  }

  private async find(name: string): Promise<string | undefined> {
    const row = await this.database.read(everyCustomer, (em) => em.findOne(InstallationSecret, { name }));
    return row ? this.open(name, row.sealed) : undefined;
  }

  private seal(name: string, text: string): string {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.config.installationKey, iv).setAAD(Buffer.from(name));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64');
  }

  private open(name: string, sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', this.config.installationKey, bytes.subarray(0, 12))
      .setAAD(Buffer.from(name))
      .setAuthTag(bytes.subarray(12, 28));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new DomainError(
        'INTERNAL',
        `secret ${name} does not open: INSTALLATION_KEY is not the key it was sealed with`,
        [],
        { cause },
      );
    }
  }
}
