// A process of its own whose devices ask on `$aws` topics and count the answers. Ordered about by its parent as the load generator is.
import { openMqtt, pubackPacket, publication, publishPacket, subscribePacket } from './mqtt-socket.mjs';

const CONNECT_AT_ONCE = 100;

const devices = [];
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let received = 0;

class Device {
  id = 0;
  seq = 0;
  onAnswer = () => undefined;
  onRefusal = () => undefined;
  onAck = () => undefined;

  constructor(thing) {
    this.thing = thing;
  }

  async open({ host, port, subscribe = true }) {
    this.socket = await openMqtt({
      host,
      port,
      clientId: this.thing,
      onPacket: (first, body) => this.read(first, body),
    });
    if (subscribe) this.socket.write(subscribePacket(1, `$aws/things/${this.thing}/#`));
  }

  read(first, body) {
    if (first === 0x40) return this.onAck();
    if ((first & 0xf0) !== 0x30) return;
    const { topic, id } = publication(first, body);
    if (id > 0) this.socket.write(pubackPacket(id));
    received += 1;
    if (topic.endsWith('/accepted')) this.onAnswer();
    else if (topic.endsWith('/rejected')) this.onRefusal(body.toString().slice(body.indexOf('{')));
  }

  ask(topic, payload) {
    this.id = (this.id % 60_000) + 2;
    this.socket.write(publishPacket(this.id, `$aws/things/${this.thing}/${topic}`, payload));
  }

  tell(payload) {
    this.id = (this.id % 60_000) + 2;
    this.socket.write(publishPacket(this.id, `dt/${this.thing}/telemetry`, payload));
  }
}

async function inGroups(list, work) {
  for (let i = 0; i < list.length; i += CONNECT_AT_ONCE)
    await Promise.all(list.slice(i, i + CONNECT_AT_ONCE).map(work));
}

const orders = {
  async connect({ url, connections, subscribe = true }) {
    const { hostname: host, port } = new URL(url);
    const started = performance.now();
    const added = Array.from({ length: connections }, (_, i) => new Device(`bench-${devices.length + i + 1}`));
    await inGroups(added, (device) => device.open({ host, port: Number(port), subscribe }));
    devices.push(...added);
    return { connected: devices.length, ms: performance.now() - started };
  },

  /** Each device has one shadow update on its way all the time; counted after the warm-up. */
  async shadow({ warmUpMs, ms }) {
    let running = true;
    let answers = 0;
    let latencies = [];
    const ended = devices.map(
      (device) =>
        new Promise((resolve, reject) => {
          let sentAt;
          const next = () => {
            if (!running) return resolve();
            sentAt = performance.now();
            device.seq += 1;
            device.ask(
              'shadow/update',
              `{"state":{"reported":{"n":${device.seq},"mode":"eco"}},"clientToken":"t${device.seq}"}`,
            );
          };
          device.onAnswer = () => {
            answers += 1;
            latencies.push(performance.now() - sentAt);
            next();
          };
          device.onRefusal = (payload) => reject(new Error(`${device.thing} was refused: ${payload}`));
          next();
        }),
    );
    const allEnded = Promise.all(ended);
    await Promise.race([wait(warmUpMs), allEnded]);
    [answers, latencies] = [0, []];
    const started = performance.now();
    await Promise.race([wait(ms), allEnded]);
    const perSecond = (answers / (performance.now() - started)) * 1_000;
    const sorted = Float64Array.from(latencies).sort();
    running = false;
    await allEnded;
    const at = (q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? null;
    return { perSecond, p50: at(0.5), p99: at(0.99) };
  },

  /** Waits until so many publications came since the order `count`. */
  async count() {
    received = 0;
    return {};
  },
  async until({ messages, limitMs }) {
    const end = performance.now() + limitMs;
    while (received < messages) {
      if (performance.now() > end) throw new Error(`${received} of ${messages} messages came in ${limitMs} ms`);
      await wait(5);
    }
    return { received };
  },

  /** All connections are cut at once; each comes back within `spreadMs` and sends one message. */
  async storm({ url, spreadMs }) {
    const { hostname: host, port } = new URL(url);
    for (const { socket } of devices) socket.destroy();
    await wait(200);
    const started = performance.now();
    let back = 0;
    let backAt = 0;
    await Promise.all(
      devices.map(async (device, i) => {
        await wait((i / devices.length) * spreadMs);
        for (let pause = 100; ; pause = Math.min(5_000, pause * 2)) {
          try {
            await device.open({ host, port: Number(port), subscribe: false });
            break;
          } catch {
            await wait(pause * (0.5 + Math.random()));
          }
        }
        back += 1;
        if (back === devices.length) backAt = performance.now();
        device.seq += 1;
        await new Promise((resolve) => {
          device.onAck = resolve;
          device.tell(`{"ts":${Date.now()},"boot":1,"seq":${device.seq},"m":{"output_m3":${device.seq},"state":2}}`);
        });
      }),
    );
    return { backMs: backAt - started, flowingMs: performance.now() - started };
  },

  async close() {
    for (const { socket } of devices) socket.destroy();
    return {};
  },
};

process.on('message', async ({ run, ...order }) => {
  try {
    process.send({ result: await orders[run](order) });
  } catch (error) {
    process.send({ error: error.stack });
  }
});
process.on('disconnect', () => process.exit());
