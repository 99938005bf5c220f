import { jest } from '@jest/globals';
import { main, parseDuration, parseTime } from './cli.js';

describe('the command line', () => {
  let out: string;
  let err: string;

  beforeEach(() => {
    out = '';
    err = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      out += String(text);
      return true;
    });
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      err += String(text);
      return true;
    });
  });

  afterEach(() => {
    jest.restoreAllMocks();
    process.exitCode = undefined;
  });

  const period = ['--seed', '7', '--from', '2026-01-05T00:00Z', '--to', '2026-01-07T00:00Z'];

  it('prints the truth, a row a day and a total that is their sum', async () => {
    await main(['simulate', ...period, '--truth']);
    const rows = out
      .trim()
      .split('\n')
      .map((row) => row.trim().split(/\s{2,}/));
    expect(rows.map((row) => row[0])).toEqual(['from (UTC)', '2026-01-05T00:00', '2026-01-06T00:00', 'total']);
    const milli = rows.slice(1).map((row) => Math.round(Number(row[1]) * 1000));
    expect((milli[0] ?? 0) + (milli[1] ?? 0)).toBe(milli[2]);
    expect(milli[2]).toBeGreaterThan(0);
  });

  it('prints messages as a device sends them, and the truth after them', async () => {
    await main(['simulate', ...period, '--interval', '1h', '--json', '--truth']);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const telemetry = lines.filter((line) => line.m);
    expect(telemetry.map((line) => line.seq)).toEqual(telemetry.map((_, i) => i + 1));
    const counted = telemetry.at(-1).m.output_m3 - telemetry[0].m.output_m3;
    expect(lines.at(-1).truth.output_m3).toBe(counted.toFixed(3));
  });

  it.each([
    [[], 'a command is missing'],
    [['fly'], 'unknown command "fly"'],
    [['fleet'], '--identities is missing'],
    [['run'], '--identity is missing'],
    [['simulate'], '--seed is missing'],
    [['simulate', '--seed', 'x'], '--seed: "x" is not a number'],
    [['simulate', '--seed', '1', '--from', 'noon'], '--from: "noon" is not a time'],
    [['simulate', '--seed', '1', '--from', '5', '--to', '4'], 'to: 4 must lie after from: 5'],
    [['simulate', ...period, '--profile', 'x'], 'profile: "x" is none of'],
    [['simulate', ...period, '--interval', '10'], '--interval: "10" is not a duration'],
    [['simulate', '--wrong'], "Unknown option '--wrong'"],
    [['fleet', '--identities', '/x', '--speed', '-1'], 'speed'],
  ])('answers %j with one line, the usage and status 2', async (args, fault) => {
    await main(args);
    expect(err.split('\n')[0]).toContain(fault);
    expect(err).toContain('usage:');
    expect(process.exitCode).toBe(2);
    expect(out).toBe('');
  });

  it('reads durations and times', () => {
    expect(['250ms', '10s', '5m', '2h'].map((text) => parseDuration('x', text))).toEqual([
      250, 10_000, 300_000, 7_200_000,
    ]);
    expect(parseTime('x', '1763800000000')).toBe(1_763_800_000_000);
    expect(parseTime('x', '2026-01-05T00:00+01:00')).toBe(Date.UTC(2026, 0, 4, 23));
  });
});
