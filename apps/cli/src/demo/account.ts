import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivate } from '../up/environment.js';

export interface Account {
  readonly role: string;
  readonly email: string;
  readonly password: string;
}

/** A password of this installation's own, kept in its folder so that every start prints the same. */
export function keptPassword(dataDir: string, name: string): string {
  const file = join(dataDir, `${name}.password`);
  if (!existsSync(file)) writePrivate(file, randomBytes(9).toString('base64url'));
  return readFileSync(file, 'utf8');
}
