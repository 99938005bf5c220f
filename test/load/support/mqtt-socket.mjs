// The least of an MQTT 3.1.1 client that a load generator needs: packets out, whole packets in.
import { connect as connectSocket } from 'node:net';

const text = (value) => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};

function packet(first, ...parts) {
  const body = Buffer.concat(parts);
  const length = [];
  for (let rest = body.length; ; ) {
    const byte = rest & 0x7f;
    rest >>= 7;
    length.push(rest > 0 ? byte | 0x80 : byte);
    if (rest === 0) break;
  }
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}

const id16 = (id) => Buffer.from([id >> 8, id & 0xff]);

export const connectPacket = (clientId) => packet(0x10, text('MQTT'), Buffer.from([4, 2, 0, 0]), text(clientId));
export const subscribePacket = (id, ...filters) =>
  packet(0x82, id16(id), ...filters.flatMap((filter) => [text(filter), Buffer.from([0])]));
export const publishPacket = (id, topic, payload) => packet(0x32, text(topic), id16(id), Buffer.from(payload));
export const pubackPacket = (id) => packet(0x40, id16(id));

/** A connection that was accepted. `onPacket(first byte, body)` is called with each packet after the CONNACK. */
export async function openMqtt({ host, port, clientId, onPacket, onClose = () => undefined }) {
  const socket = connectSocket({ host, port, noDelay: true });
  let partial;
  let accepted;
  const read = (chunk) => {
    const bytes = partial ? Buffer.concat([partial, chunk]) : chunk;
    partial = undefined;
    let at = 0;
    while (at + 2 <= bytes.length) {
      let length = 0;
      let start = at + 1;
      let shift = 0;
      for (; start < bytes.length; start += 1, shift += 7) {
        length |= (bytes[start] & 0x7f) << shift;
        if (bytes[start] < 0x80) break;
      }
      start += 1;
      if (start > bytes.length || start + length > bytes.length) break;
      if (bytes[at] === 0x20) accepted(bytes[start + 1]);
      else onPacket(bytes[at], bytes.subarray(start, start + length));
      at = start + length;
    }
    if (at < bytes.length) partial = bytes.subarray(at);
  };
  await new Promise((resolve, reject) => {
    accepted = (code) => (code === 0 ? resolve() : reject(new Error(`${clientId} was refused with ${code}`)));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`${clientId} was disconnected`)));
    socket.once('connect', () => socket.write(connectPacket(clientId)));
    socket.on('data', read);
  });
  socket.on('error', () => undefined);
  socket.once('close', onClose);
  return socket;
}

/** Topic, packet id (0 with QoS 0) and payload of a PUBLISH. */
export function publication(first, body) {
  const length = body.readUInt16BE(0);
  const topic = body.latin1Slice(2, 2 + length);
  const qos = (first >> 1) & 3;
  const id = qos > 0 ? body.readUInt16BE(2 + length) : 0;
  return { topic, id, payload: body.subarray(2 + length + (qos > 0 ? 2 : 0)) };
}
