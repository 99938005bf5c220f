import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from './replace-file.js';

/** The boot number last used from a folder; 0 if it never started. @throws Error when the file holds no whole number. */
export async function lastBoot(folder: string): Promise<number> {
  const text = await readFile(join(folder, 'boot'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '0';
    throw error;
  });
  const boot = Number(text.trim());
  if (!Number.isSafeInteger(boot) || boot < 0)
    throw new Error(`${join(folder, 'boot')}: "${text.trim()}" is no boot number`);
  return boot;
}

/**
 * Counts one start: the new boot number is on disk before it is used, so that no (boot, seq) is ever given out twice. `known` is
 * a boot that another record, such as a journal, knows to have been used.
 */
export async function nextBoot(folder: string, known = 0): Promise<number> {
  const boot = Math.max(known, await lastBoot(folder)) + 1;
  await storeBoot(folder, boot);
  return boot;
}

/** The file is either the old or the new one, also after a power cut. */
export async function storeBoot(folder: string, boot: number): Promise<void> {
  await replaceFile(join(folder, 'boot'), `${boot}\n`);
}
