import { parseArgs } from 'node:util';
import type { AgentLog } from './agent/device-agent.js';
import { Fleet } from './fleet/fleet.js';
import { SimClock } from './fleet/sim-clock.js';
import { SimulatedDevice } from './fleet/simulated-device.js';
import { replay } from './replay/replay.js';
import { numberMessages } from './simulator/disturb.js';
import { simulateCompressor } from './simulator/simulate.js';
import { milliToDecimal, type Truth, truthTable } from './simulator/truth.js';

const USAGE = `usage:
  main.js fleet --identities DIR [--interval 10s] [--speed 1] [--from TIME] [--health 5m]
  main.js run --identity DIR [--interval 10s] [--health 5m] [--journal-limit 50000]
  main.js replay --identity DIR --file RECORDING.csv --map MAP.json [--speed 1]
  main.js simulate --seed N --from TIME --to TIME [--profile NAME] [--interval 60s] [--truth] [--json]
TIME is RFC 3339 or milliseconds since 1970; durations are 500ms, 10s, 5m, 1h.`;

const DAY_MS = 86_400_000;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

class UsageError extends Error {}

/** "10s" → 10000. @throws UsageError naming the option. */
export function parseDuration(option: string, text: string): number {
  const [, digits, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  if (!digits || !unit) throw new UsageError(`--${option}: "${text}" is not a duration such as 10s or 5m`);
  return Number(digits) * (UNITS[unit] ?? 1);
}

/** RFC 3339 or epoch ms. @throws UsageError naming the option. */
export function parseTime(option: string, text: string | undefined): number {
  if (text === undefined) throw new UsageError(`--${option} is missing`);
  const at = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (!Number.isSafeInteger(at)) throw new UsageError(`--${option}: "${text}" is not a time`);
  return at;
}

function parseNumber(option: string, text: string | undefined): number {
  if (text === undefined) throw new UsageError(`--${option} is missing`);
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new UsageError(`--${option}: "${text}" is not a number`);
  return value;
}

function parse(args: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean', default: false } as const;
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        identities: text,
        identity: text,
        file: text,
        map: text,
        interval: text,
        health: text,
        'journal-limit': text,
        speed: { ...text, default: '1' },
        seed: text,
        profile: text,
        from: text,
        to: text,
        truth: flag,
        json: flag,
        help: flag,
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

const line = (fields: Readonly<Record<string, unknown>>) => process.stdout.write(`${JSON.stringify(fields)}\n`);

const log: AgentLog = (level, msg, fields) => {
  line({ time: new Date().toISOString(), level, msg, ...fields });
};

/** Resolves on SIGTERM, SIGINT or when the parent process is gone. */
function stopRequested(): Promise<string> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve('SIGTERM'));
    process.once('SIGINT', () => resolve('SIGINT'));
    if (process.connected) process.once('disconnect', () => resolve('parent gone'));
  });
}

async function runUntilStopped(start: () => Promise<number>, stop: () => Promise<number>): Promise<void> {
  const requested = stopRequested();
  const started = start().then((devices) => {
    line({ ready: true, devices });
    process.send?.({ ready: true, service: 'fleet', devices }, undefined, undefined, () => {});
    return requested;
  });
  const reason = await Promise.race([requested, started]);
  const undelivered = await stop();
  log('info', 'stopped', { reason, undelivered });
}

async function fleet(values: ReturnType<typeof parse>['values']): Promise<void> {
  if (!values.identities) throw new UsageError('--identities is missing');
  const running = new Fleet({
    identities: values.identities,
    intervalMs: parseDuration('interval', values.interval ?? '10s'),
    speed: parseNumber('speed', values.speed),
    ...(values.from && { from: parseTime('from', values.from) }),
    ...(values.health && { healthMs: parseDuration('health', values.health) }),
    log,
  });
  await runUntilStopped(
    () => running.start(),
    () => running.stop(),
  );
}

async function run(values: ReturnType<typeof parse>['values']): Promise<void> {
  if (!values.identity) throw new UsageError('--identity is missing');
  const intervalMs = parseDuration('interval', values.interval ?? '10s');
  const health = values.health && { healthMs: parseDuration('health', values.health) };
  const limit = values['journal-limit'];
  const device = await SimulatedDevice.load(values.identity, {
    ...{ clock: new SimClock(), intervalMs, log, durable: true, ...health },
    ...(limit !== undefined && { journalLimit: parseNumber('journal-limit', limit) }),
  });
  await runUntilStopped(
    async () => {
      device.start();
      if (!device.stats.offline) await device.agent.whenConnected();
      return 1;
    },
    async () => {
      const { waiting, inflight } = await device.stop(5000);
      return waiting + inflight;
    },
  );
}

async function replayRecording(values: ReturnType<typeof parse>['values']): Promise<void> {
  const { identity, file, map } = values;
  if (!identity || !file || !map)
    throw new UsageError(`--${!identity ? 'identity' : !file ? 'file' : 'map'} is missing`);
  const stop = new AbortController();
  void stopRequested().then(() => stop.abort());
  const live = process.stdout.isTTY;
  let told = 0;
  const progress = (sent: number, committed: number, total: number) => {
    if (!live && Date.now() - told < 2_000 && committed < total) return;
    told = Date.now();
    const text = `${committed} of ${total} rows committed, ${sent} sent (${((100 * committed) / total).toFixed(0)} %)`;
    process.stdout.write(live ? `\r\x1b[2K${text}` : `${text}\n`);
  };
  const speed = parseNumber('speed', values.speed);
  if (!(speed > 0)) throw new UsageError(`--speed: ${speed} must be greater than 0`);
  const result = await replay({ identity, file, map, speed, now: Date.now(), progress, stop: stop.signal });
  if (live) process.stdout.write('\n');
  if (result.committed < result.total)
    throw new Error(`only ${result.committed} of ${result.total} rows were committed`);
}

async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve));
}

async function simulate(values: ReturnType<typeof parse>['values']): Promise<void> {
  const simulation = simulateCompressor({
    seed: parseNumber('seed', values.seed),
    from: parseTime('from', values.from),
    to: parseTime('to', values.to),
    intervalMs: parseDuration('interval', values.interval ?? '60s'),
    ...(values.profile && { profile: values.profile }),
  });
  if (values.json)
    for (const message of numberMessages(simulation.items())) await write(`${JSON.stringify(message)}\n`);
  if (!values.truth && values.json) return;
  const total = simulation.truth();
  if (values.json)
    return write(`${JSON.stringify({ truth: { ...total, output_m3: milliToDecimal(total.outputMilliM3) } })}\n`);
  const days: Truth[] = [];
  for (let from = total.from; from < total.to; ) {
    const to = Math.min(total.to, (Math.floor(from / DAY_MS) + 1) * DAY_MS);
    days.push(simulation.truth(from, to));
    from = to;
  }
  await write(`${truthTable(days, total)}\n`);
}

/** Runs a command line. Wrong use prints one line and the usage and ends with status 2; a failure ends with status 1. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    const { values, positionals } = parse(args);
    const [command] = positionals;
    if (values.help) return void process.stdout.write(`${USAGE}\n`);
    if (command === 'fleet') return await fleet(values);
    if (command === 'run') return await run(values);
    if (command === 'replay') return await replayRecording(values);
    if (command === 'simulate') return await simulate(values);
    throw new UsageError(command ? `unknown command "${command}"` : 'a command is missing');
  } catch (error) {
    const usage = error instanceof UsageError || error instanceof RangeError;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage ? `${USAGE}\n` : ''}`);
    process.exitCode = usage ? 2 : 1;
  }
}
