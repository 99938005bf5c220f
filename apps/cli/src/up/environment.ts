import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '@throughline/kernel';

/** Settings the processes of a running installation share; commands such as `device create` read them from the data folder. */
export type Environment = Readonly<Record<string, string>>;

const file = (dataDir: string): string => join(dataDir, 'environment.json');

/** Readable by the owner only: it holds the database's password. Replaced as a whole, never half written. */
export function writePrivate(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export function saveEnvironment(dataDir: string, environment: Environment): void {
  mkdirSync(dataDir, { recursive: true });
  writePrivate(file(dataDir), JSON.stringify(environment, null, 2));
}

export function readEnvironment(dataDir: string): Environment {
  try {
    return JSON.parse(readFileSync(file(dataDir), 'utf8')) as Environment;
  } catch (cause) {
    throw new DomainError(
      'NOT_FOUND',
      `${dataDir} holds no installation: start one with "npm start", or name its folder with --data`,
      [],
      { cause },
    );
  }
}
