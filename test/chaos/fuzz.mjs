// npm run fuzz -- --messages N --seed S: hostile messages on every topic of the gateway, over real MQTT, until it has read N of them. Fails when the gateway
// dies, stops answering, answers "internal error", or keeps growing. Its last line is one JSON object.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import mqttPacket from 'mqtt-packet';
import { startGateway } from '../load/support/gateway.mjs';
import { makeWorld } from '../load/support/world.mjs';
import { payload, random, topic } from './payloads.mjs';

const { values } = parseArgs({ options: { messages: { type: 'string' }, seed: { type: 'string' } } });
const messages = Number(values.messages ?? 1_000_000);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const DEVICES = 20;
const WINDOW = 10;
const SILENCE_MS = 20_000;
/** Bytes that are no MQTT are answered by a cut within this time, or by nothing. */
const RAVE_MS = 1_000;
/** After the first fifth (caches are filled) the gateway may grow by this much. */
const GROWTH_MB = 200;

const counts = { sent: 0, acknowledged: 0, answered: 0, refused: 0, cut: 0 };
const internal = [];

/** One device: sends its share, comes back when it is cut off. */
class Attacker {
  constructor(url, n, share) {
    this.url = new URL(url);
    this.thing = `bench-${n}`;
    this.other = `bench-${(n % DEVICES) + 1}`;
    this.next = random(seed * 1_000 + n);
    this.left = share;
    this.waiting = new Map();
    this.heard = performance.now();
  }

  run() {
    return new Promise((resolve, reject) => {
      this.done = resolve;
      this.watch = setInterval(() => {
        if (performance.now() - this.heard < SILENCE_MS) return;
        const [last] = this.waiting.values();
        reject(
          new Error(
            `${this.thing} heard nothing for ${SILENCE_MS / 1000} s after ${last?.topic}: ${last?.payload.toString('utf8').slice(0, 300)}`,
          ),
        );
      }, 1_000);
      this.open();
    }).finally(() => clearInterval(this.watch));
  }

  open() {
    const socket = connect({ host: this.url.hostname, port: Number(this.url.port), noDelay: true });
    this.socket = socket;
    this.id = 0;
    const parser = mqttPacket.parser({ protocolVersion: 4 });
    parser.on('packet', (packet) => this.receive(packet));
    parser.on('error', () => socket.destroy());
    socket.on('data', (chunk) => parser.parse(chunk));
    socket.on('error', () => undefined);
    socket.on('connect', () => {
      this.write({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId: this.thing,
        keepalive: 0,
      });
    });
    socket.once('close', () => {
      counts.cut += 1;
      // The first without an answer is what the cut was for; those behind it were never read, so others are sent in their place.
      this.left += Math.max(0, this.waiting.size - 1);
      this.waiting.clear();
      this.heard = performance.now();
      if (this.left <= 0) this.done();
      else setTimeout(() => this.open(), 5);
    });
  }

  receive(packet) {
    this.heard = performance.now();
    if (packet.cmd === 'connack') {
      this.write({
        cmd: 'subscribe',
        messageId: 65_000,
        subscriptions: [
          { topic: `$aws/things/${this.thing}/#`, qos: 0 },
          { topic: `$aws/commands/things/${this.thing}/#`, qos: 0 },
        ],
      });
      this.fill();
    } else if (packet.cmd === 'puback') {
      counts.acknowledged += 1;
      this.waiting.delete(packet.messageId);
      this.fill();
    } else if (packet.cmd === 'publish') {
      counts.answered += 1;
      const text = packet.payload.toString('utf8');
      if (packet.topic.includes('/rejected')) {
        counts.refused += 1;
        if (/"code":(500|"InternalError")|"error(Code)?":"InternalError"|"statusCode":5/.test(text))
          internal.push(`${packet.topic} ${text}`);
      }
      if (packet.qos === 1) this.write({ cmd: 'puback', messageId: packet.messageId });
    }
  }

  fill() {
    while (this.left > 0 && this.waiting.size < WINDOW) {
      this.left -= 1;
      counts.sent += 1;
      if (this.next() < 0.0005) return this.rave();
      const name = topic(this.next, this.thing, this.other);
      const body = payload(this.next, name);
      this.id = (this.id % 60_000) + 1;
      this.waiting.set(this.id, { topic: name, payload: body });
      try {
        this.write({
          cmd: 'publish',
          topic: name,
          payload: body,
          qos: 1,
          messageId: this.id,
          retain: this.next() < 0.001,
          dup: false,
        });
      } catch {
        // The client's own library would not send it: then nobody is hurt by it.
        this.waiting.delete(this.id);
      }
    }
    if (this.left <= 0 && this.waiting.size === 0) this.socket.end();
  }

  /** Bytes that are no MQTT. They may be the beginning of a packet that never ends: the gateway waits for the rest, so we leave. */
  rave() {
    const { socket } = this;
    socket.write(Buffer.from(Array.from({ length: 40 }, () => Math.floor(this.next() * 256))));
    setTimeout(() => socket.destroy(), RAVE_MS);
  }

  write(packet) {
    if (!this.socket.destroyed) this.socket.write(mqttPacket.generate(packet, { protocolVersion: 4 }));
  }
}

const rssMb = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) >> 10;

console.log(`fuzz: ${messages} messages by ${DEVICES} devices, seed ${seed}`);
const world = await makeWorld({ devices: DEVICES, settings: { fsync: 'off' } });
const gateway = await startGateway({ databaseUrl: world.url, dataDir: world.dataDir, env: { LOG_LEVEL: 'fatal' } });
let died;
gateway.child.once('exit', (code, signal) => {
  died = code ?? signal;
});
const started = performance.now();
let early;
const report = setInterval(() => {
  if (early === undefined && counts.acknowledged + counts.cut > messages / 5) early = rssMb(gateway.child.pid);
  if (died !== undefined) {
    console.error(`the gateway died (${died}) after ${counts.sent} messages`);
    process.exit(1);
  }
}, 200);
const progress = setInterval(
  () =>
    console.log(
      `${counts.sent} sent, ${counts.acknowledged} acknowledged, ${counts.answered} answers, ${counts.cut} cut off, gateway ${rssMb(gateway.child.pid)} MB`,
    ),
  10_000,
);
try {
  await Promise.all(
    Array.from({ length: DEVICES }, (_, i) =>
      new Attacker(gateway.mqttUrl, i + 1, Math.ceil(messages / DEVICES)).run(),
    ),
  );
  clearInterval(report);
  clearInterval(progress);
  const late = rssMb(gateway.child.pid);
  const faults = [
    ...(died !== undefined ? [`the gateway died: ${died}`] : []),
    ...(internal.length > 0 ? [`${internal.length} answers were internal errors, such as ${internal[0]}`] : []),
    ...(early !== undefined && late - early > GROWTH_MB ? [`the gateway grew from ${early} MB to ${late} MB`] : []),
  ];
  for (const fault of faults) console.error(fault);
  const perSecond = Math.round((counts.acknowledged + counts.cut) / ((performance.now() - started) / 1_000));
  console.log(
    JSON.stringify({
      fuzz: 'gateway',
      seed,
      ...counts,
      per_s: perSecond,
      rss_mb: { early, late },
      faults: faults.length,
    }),
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  clearInterval(report);
  clearInterval(progress);
  await gateway.stop();
  await world.close();
}
