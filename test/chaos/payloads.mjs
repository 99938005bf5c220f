// Payloads and topics a device should never send, by seed.

/** Mulberry32: numbers in [0, 1) that the seed decides. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pick = (next, list) => list[Math.floor(next() * list.length)];

const words = [
  'state',
  'desired',
  'reported',
  'delta',
  'clientToken',
  'version',
  'status',
  'statusDetails',
  'expectedVersion',
  'executionNumber',
  'stepTimeoutInMinutes',
  'includeJobDocument',
  'includeJobExecutionState',
  'statusReason',
  'reasonCode',
  'result',
  'ts',
  'boot',
  'seq',
  'm',
  'pressure_bar',
  'output_m3',
  'certificateSigningRequest',
  'certificateOwnershipToken',
  'parameters',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  ' ',
  '\u0000',
  'ключ',
  '💥',
  'a'.repeat(200),
];
const scalars = [
  null,
  true,
  false,
  0,
  -0,
  1,
  -1,
  1.5,
  1e308,
  -1e308,
  5e-324,
  2 ** 31,
  2 ** 53,
  2 ** 63,
  '',
  'IN_PROGRESS',
  'SUCCEEDED',
  'QUEUED',
  'FAILED',
  'TIMED_OUT',
  '1',
  '-1',
  'NaN',
  '2026-01-01T00:00:00Z',
  '\u0000',
  '\uD800',
  'x'.repeat(1_100),
  "'; drop table device; --",
  ['$', '{throughline:presigned-url:x}'].join(''),
  '../../etc/passwd',
  '$next',
];

function value(next, depth) {
  const kind = next();
  if (depth <= 0 || kind < 0.5) return pick(next, scalars);
  const size = Math.floor(next() * 4);
  if (kind < 0.65) return Array.from({ length: size }, () => value(next, depth - 1));
  return Object.fromEntries(Array.from({ length: size }, () => [pick(next, words), value(next, depth - 1)]));
}

/** JSON.stringify drops `__proto__` keys of literals made by assignment; Object.fromEntries keeps them. */
const text = (next, depth = 5) => JSON.stringify(value(next, depth)) ?? 'null';

/** What nearly is right for the topic, so that the inner layers are reached. */
function plausible(next, topic) {
  if (topic.endsWith('/shadow/update') || /shadow\/name\/[^/]+\/update$/.test(topic)) {
    const part = pick(next, ['desired', 'reported']);
    return JSON.stringify({
      state: pick(next, [{ [part]: value(next, 4) }, null, {}, { desired: null, reported: null }, value(next, 2)]),
      ...(next() < 0.3 && { version: pick(next, scalars) }),
      ...(next() < 0.5 && { clientToken: pick(next, [...scalars, 't-1', 'x'.repeat(65)]) }),
    });
  }
  if (/jobs\/.*update$/.test(topic))
    return JSON.stringify({
      status: pick(next, scalars),
      statusDetails: value(next, 2),
      expectedVersion: pick(next, scalars),
      executionNumber: pick(next, scalars),
      stepTimeoutInMinutes: pick(next, scalars),
    });
  if (topic.includes('/executions/'))
    return JSON.stringify({ status: pick(next, scalars), statusReason: value(next, 2), result: value(next, 3) });
  if (topic.endsWith('/telemetry'))
    return JSON.stringify({
      ts: pick(next, [...scalars, Date.now()]),
      boot: pick(next, [1, ...scalars]),
      seq: Math.floor(next() * 1e6),
      m: value(next, 2),
    });
  return text(next, 3);
}

/** @returns {Buffer} */
export function payload(next, topic) {
  const kind = next();
  if (kind < 0.04) return Buffer.alloc(0);
  if (kind < 0.6) return Buffer.from(plausible(next, topic));
  if (kind < 0.75) return Buffer.from(text(next));
  if (kind < 0.82) {
    const whole = Buffer.from(plausible(next, topic));
    return whole.subarray(0, Math.floor(next() * whole.length));
  }
  if (kind < 0.9) {
    const bytes = Buffer.from(plausible(next, topic));
    for (let i = 0; i < 3 && bytes.length > 0; i += 1)
      bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
    return bytes;
  }
  if (kind < 0.95) return Buffer.from(Array.from({ length: Math.floor(next() * 200) }, () => Math.floor(next() * 256)));
  if (kind < 0.97) {
    const depth = pick(next, [8, 9, 100, 20_000]);
    return Buffer.from(pick(next, ['[', '{"a":']).repeat(depth));
  }
  if (kind < 0.995)
    return Buffer.from(
      JSON.stringify({ state: { reported: { a: 'x'.repeat(pick(next, [7_000, 8_100, 8_200, 33_000])) } } }),
    );
  return Buffer.alloc(pick(next, [128 * 1024, 128 * 1024 + 1, 300 * 1024]), 0x20);
}

const rest = (next) =>
  pick(next, ['x', '+', '#', '', '$next', 'job-1', 'a'.repeat(70), 'a b', 'ü', '..', 'accepted', 'get']);

/** @returns {string} */
export function topic(next, thing, other) {
  const own = [
    `dt/${thing}/telemetry`,
    `dt/${thing}/event`,
    `dt/${thing}/telemetry/cbor`,
    ...['get', 'update', 'delete'].flatMap((op) => [
      `$aws/things/${thing}/shadow/${op}`,
      `$aws/things/${thing}/shadow/name/${pick(next, ['config', 'a', rest(next)])}/${op}`,
    ]),
    `$aws/things/${thing}/jobs/get`,
    `$aws/things/${thing}/jobs/start-next`,
    `$aws/things/${thing}/jobs/${rest(next)}/get`,
    `$aws/things/${thing}/jobs/${rest(next)}/update`,
    `$aws/commands/things/${thing}/executions/${rest(next)}/response/json`,
    `$aws/commands/things/${thing}/executions/${rest(next)}/response`,
  ];
  // Most of the others cut the device off, and what lies behind them on the wire is never read.
  if (next() < 0.98)
    return pick(
      next,
      own.filter((name) => !/[+#]/.test(name)),
    );
  return pick(next, [
    `dt/${thing}/log`,
    '$aws/certificates/create/json',
    '$aws/certificates/create-from-csr/json',
    '$aws/certificates/create-from-csr/cbor',
    `dt/${other}/telemetry`,
    `$aws/things/${other}/shadow/update`,
    `$aws/things/${thing}/shadow/update/accepted`,
    `$aws/things/${thing}/jobs/notify`,
    '$SYS/broker',
    '$aws/events/presence/connected/x',
    `cmd/${thing}/telemetry/committed`,
    'a',
    '/',
    `dt/${thing}`,
    `dt/${thing}/${'x/'.repeat(100)}`,
    '$aws/provisioning-templates/t/provision/json',
    `$aws/things/${thing}/shadow/${rest(next)}`,
    `$aws/things/${thing}/`,
  ]);
}
