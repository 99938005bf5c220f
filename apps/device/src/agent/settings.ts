import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from './replace-file.js';

/** What a controller was told and keeps across restarts. */
export interface Settings {
  readonly reportIntervalSeconds?: number;
}

const fileOf = (folder: string): string => join(folder, 'settings.json');

/** Settings of an identity folder; none when nothing was set. @throws Error naming the file, when it holds something else. */
export async function loadSettings(folder: string): Promise<Settings> {
  const text = await readFile(fileOf(folder), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  const { reportIntervalSeconds } = JSON.parse(text) as Partial<Record<string, unknown>>;
  if (reportIntervalSeconds === undefined) return {};
  if (!Number.isSafeInteger(reportIntervalSeconds) || Number(reportIntervalSeconds) < 1)
    throw new Error(`${fileOf(folder)}: reportIntervalSeconds is ${JSON.stringify(reportIntervalSeconds)}`);
  return { reportIntervalSeconds: Number(reportIntervalSeconds) };
}

/** The file is either the old or the new one, also after a power cut. */
export async function storeSettings(folder: string, settings: Settings): Promise<void> {
  await replaceFile(fileOf(folder), `${JSON.stringify(settings)}\n`);
}
