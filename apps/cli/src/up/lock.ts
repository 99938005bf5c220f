import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '@throughline/kernel';

/** One keeper a data folder. Gives how to let go; a lock whose keeper was killed is taken over. */
export function lockDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'up.pid');
  const holder = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  if (holder > 0 && holder !== process.pid && isKeeper(holder))
    throw new DomainError(
      'CONFLICT',
      `${dataDir} is in use by process ${holder}: stop it first, or choose another folder with --data`,
    );
  writeFileSync(file, String(process.pid));
  return () => rmSync(file, { force: true });
}

function isKeeper(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return (
      process.platform !== 'linux' || readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('apps/cli/dist/main.js')
    );
  } catch {
    // Gone (ESRCH, ENOENT) or of another user (EPERM): not a keeper of ours.
    return false;
  }
}
