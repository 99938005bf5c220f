import { setTimeout as sleep } from 'node:timers/promises';
import { nextBoot } from '../agent/boot-counter.js';
import { type AgentLog, DeviceAgent } from '../agent/device-agent.js';
import { loadIdentity } from '../agent/identity.js';
import { Journal } from '../agent/journal.js';
import { readMap } from './csv-map.js';
import { readRecording } from './recording.js';

export interface ReplayOptions {
  readonly file: string;
  readonly map: string;
  /** Identity folder of the thing. */
  readonly identity: string;
  /** Times faster than recorded. */
  readonly speed: number;
  readonly now: number;
  readonly progress: (sent: number, committed: number, total: number) => void;
  readonly log?: AgentLog;
  readonly stop: AbortSignal;
}

/** At most this much is waiting to be committed; a slow server slows the replay, and nothing is dropped. */
const MOST_WAITING = 2_000;
const DRAIN_LIMIT_MS = 60_000;
const TICK_MS = 50;

/** Publishes the rows of a recording as a device would; gives how many were committed of how many. */
export async function replay(options: ReplayOptions): Promise<{ committed: number; total: number }> {
  const rows = readRecording(options.file, readMap(options.map), options.now);
  const first = rows[0]?.ts ?? 0;
  const agent = new DeviceAgent({
    identity: await loadIdentity(options.identity),
    boot: await nextBoot(options.identity),
    journal: new Journal({ limit: rows.length + 1 }),
    ...(options.log && { log: options.log }),
  });
  agent.start();
  await agent.whenConnected();
  const committed = (): number => agent.stats.committed?.seq ?? 0;
  const began = performance.now();
  let sent = 0;
  for (const row of rows) {
    while (
      !options.stop.aborted &&
      (waitFor(row.ts - first, options.speed, began) > 0 || sent - committed() > MOST_WAITING)
    ) {
      options.progress(sent, committed(), rows.length);
      await sleep(TICK_MS);
    }
    if (options.stop.aborted) break;
    agent.report({ ts: row.ts, m: row.m });
    sent += 1;
  }
  const end = performance.now() + DRAIN_LIMIT_MS;
  while (committed() < sent && performance.now() < end) {
    options.progress(sent, committed(), rows.length);
    await sleep(TICK_MS);
  }
  options.progress(sent, committed(), rows.length);
  const result = { committed: committed(), total: rows.length };
  await agent.close({ drainMs: 1_000 });
  return result;
}

const waitFor = (recordedMs: number, speed: number, began: number): number =>
  recordedMs / speed - (performance.now() - began);
