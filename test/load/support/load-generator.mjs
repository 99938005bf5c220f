// A process of its own that speaks raw MQTT 3.1.1 over many sockets, with as little work as can be, so that what is measured is
// the gateway. Ordered about by its parent: { run: 'connect' | 'flood' | 'pace', … } → one answer each.
import { connect as connectSocket } from 'node:net';

const WINDOW = 16;
const RING = 1_024;
const VARIANTS = 64;

const bodies = Array.from({ length: VARIANTS }, (_, i) => {
  const x = (Math.sin(i) + 1) / 2;
  const m = {
    pressure_bar: Number((6.5 + x).toFixed(2)),
    oil_temp_c: Number((70 + 10 * x).toFixed(1)),
    motor_current_a: Number((120 + 30 * x).toFixed(1)),
    power_kw: Number((75 + 15 * x).toFixed(1)),
    load_pct: Math.round(60 + 40 * x),
    output_m3: Number((123_456 + i * 0.7).toFixed(1)),
    run_hours: Number((4_200 + i * 0.01).toFixed(2)),
    state: 2,
  };
  return `,"m":${JSON.stringify(m)}}`;
});

class Device {
  seq = 0;
  nextId = 1;
  outstanding = 0;
  sentAt = new Float64Array(RING);
  partial = undefined;

  constructor(socket, thing, onAck) {
    this.socket = socket;
    this.topic = Buffer.from(`dt/${thing}/telemetry`);
    this.onAck = onAck;
    socket.on('data', (chunk) => this.read(chunk));
  }

  /** Appends one PUBLISH (QoS 1) to `out` at `at`; returns where it ends. */
  write(out, at, now) {
    this.seq += 1;
    this.nextId = (this.nextId % (RING - 1)) + 1;
    this.sentAt[this.nextId] = now;
    this.outstanding += 1;
    const payload = `{"ts":${Date.now()},"boot":1,"seq":${this.seq}${bodies[this.seq % VARIANTS]}`;
    const length = 2 + this.topic.length + 2 + payload.length;
    out[at++] = 0x32;
    out[at++] = (length & 0x7f) | 0x80;
    out[at++] = length >> 7;
    out[at++] = 0;
    out[at++] = this.topic.length;
    at += this.topic.copy(out, at);
    out[at++] = this.nextId >> 8;
    out[at++] = this.nextId & 0xff;
    return at + out.latin1Write(payload, at);
  }

  send(count, now) {
    const out = Buffer.allocUnsafe(count * 320);
    let end = 0;
    for (let i = 0; i < count; i += 1) end = this.write(out, end, now);
    this.socket.write(out.subarray(0, end));
  }

  read(chunk) {
    const bytes = this.partial ? Buffer.concat([this.partial, chunk]) : chunk;
    this.partial = undefined;
    const now = performance.now();
    let at = 0;
    let acked = 0;
    while (at + 2 <= bytes.length) {
      // Everything a gateway sends here is shorter than 128 bytes.
      const end = at + 2 + bytes[at + 1];
      if (end > bytes.length) break;
      if (bytes[at] === 0x40) {
        this.onAck(now - this.sentAt[(bytes[at + 2] << 8) | bytes[at + 3]]);
        acked += 1;
      }
      at = end;
    }
    if (at < bytes.length) this.partial = bytes.subarray(at);
    this.outstanding -= acked;
    if (acked > 0) this.refill?.(now);
  }
}

const devices = [];
let acked = 0;
let latencies;
let flooding = false;

const connectPacket = (id) => {
  const body = Buffer.concat([Buffer.from([0, 4, 77, 81, 84, 84, 4, 2, 0, 0, 0, id.length]), Buffer.from(id)]);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
};

const subscribePacket = (filter) => {
  const body = Buffer.concat([Buffer.from([0, 1, 0, filter.length]), Buffer.from(filter), Buffer.from([0])]);
  return Buffer.concat([Buffer.from([0x82, body.length]), body]);
};

async function open(url, thing) {
  const { hostname, port } = new URL(url);
  const socket = connectSocket({ host: hostname, port: Number(port), noDelay: true });
  await new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`${thing} was disconnected`)));
    socket.once('connect', () => socket.write(connectPacket(thing)));
    socket.once('data', (connack) => (connack[3] === 0 ? resolve() : reject(new Error(`${thing} was refused`))));
  });
  const device = new Device(socket, thing, (ms) => {
    acked += 1;
    latencies?.push(ms);
  });
  device.refill = (now) => {
    if (flooding && device.outstanding <= WINDOW / 2) device.send(WINDOW - device.outstanding, now);
  };
  socket.write(subscribePacket(`cmd/${thing}/telemetry/committed`));
  devices.push(device);
}

const orders = {
  async connect({ url, connections }) {
    for (let from = 1; from <= connections; from += 50)
      await Promise.all(
        Array.from({ length: Math.min(50, connections - from + 1) }, (_, i) => open(url, `bench-${from + i}`)),
      );
    return { connected: devices.length };
  },

  /** As fast as it goes: every device keeps a window of unacknowledged messages full. Counts after the warm-up. */
  async flood({ warmUpMs, ms }) {
    flooding = true;
    const first = acked;
    const now = performance.now();
    for (const device of devices) device.send(WINDOW, now);
    await wait(warmUpMs);
    const [before, started] = [acked, performance.now()];
    await wait(ms);
    const perSecond = ((acked - before) / (performance.now() - started)) * 1_000;
    flooding = false;
    await drained();
    return { perSecond, messages: acked - first };
  },

  /** At a steady rate over all devices in turn, whatever the answers do. */
  async pace({ perSecond, warmUpMs, ms }) {
    const started = performance.now();
    let sent = 0;
    let next = 0;
    const timer = setInterval(() => {
      const now = performance.now();
      const due = Math.floor(((now - started) / 1_000) * perSecond);
      for (; sent < due; sent += 1) {
        const device = devices[next];
        next = (next + 1) % devices.length;
        if (device.outstanding < RING - 2) device.send(1, now);
      }
    }, 5);
    await wait(warmUpMs);
    latencies = [];
    await wait(ms);
    clearInterval(timer);
    const sorted = Float64Array.from(latencies).sort();
    latencies = undefined;
    await drained();
    const at = (q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? null;
    return { p50: at(0.5), p99: at(0.99), messages: sorted.length };
  },

  async close() {
    for (const { socket } of devices) socket.destroy();
    return { acked, sent: devices.reduce((sum, device) => sum + device.seq, 0) };
  },
};

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function drained() {
  const limit = performance.now() + 30_000;
  while (devices.some((device) => device.outstanding > 0)) {
    if (performance.now() > limit) throw new Error('not every message was acknowledged within 30 s');
    await wait(20);
  }
}

process.on('message', async ({ run, ...order }) => {
  try {
    process.send({ result: await orders[run](order) });
  } catch (error) {
    process.send({ error: error.stack });
  }
});
process.on('disconnect', () => process.exit());
