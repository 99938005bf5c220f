import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import mqttPacket, { type IConnectPacket, type IPublishPacket, type ISubscribePacket, type Packet } from 'mqtt-packet';

/** A client as the broker sees it. */
export interface BrokerClient {
  readonly connect: IConnectPacket;
  readonly subscribes: ISubscribePacket[];
  readonly published: IPublishPacket[];
  /** Message ids it acknowledged, in order. */
  readonly acknowledged: number[];
  /** Sends it a message at QoS 1; gives the message id. */
  deliver(topic: string, payload: string): number;
}

/** As much of an MQTT 5 broker as a gateway meets: it grants everything, remembers what it was sent, and sends what a test says. */
export interface Mqtt5Broker {
  readonly url: string;
  /** By client id, each one's latest connection. */
  readonly clients: Map<string, BrokerClient>;
  close(): Promise<void>;
}

const mqtt5 = { protocolVersion: 5 };

export async function mqtt5Broker(): Promise<Mqtt5Broker> {
  const clients = new Map<string, BrokerClient>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    const send = (packet: Packet): void => void socket.write(mqttPacket.generate(packet, mqtt5));
    const parser = mqttPacket.parser(mqtt5);
    let client: BrokerClient | undefined;
    let lastId = 0;
    parser.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connect') {
        client = {
          connect: packet,
          subscribes: [],
          published: [],
          acknowledged: [],
          deliver: (topic, payload) => {
            lastId += 1;
            send({ cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false, messageId: lastId });
            return lastId;
          },
        };
        clients.set(packet.clientId, client);
        send({ cmd: 'connack', reasonCode: 0, sessionPresent: false });
      } else if (packet.cmd === 'subscribe') {
        client?.subscribes.push(packet);
        send({ cmd: 'suback', messageId: packet.messageId ?? 0, granted: packet.subscriptions.map(() => 1) });
      } else if (packet.cmd === 'unsubscribe')
        send({ cmd: 'unsuback', messageId: packet.messageId ?? 0, granted: packet.unsubscriptions.map(() => 0) });
      else if (packet.cmd === 'publish') {
        client?.published.push(packet);
        if (packet.qos === 1) send({ cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode: 0 });
      } else if (packet.cmd === 'puback') client?.acknowledged.push(packet.messageId ?? 0);
      else if (packet.cmd === 'pingreq') send({ cmd: 'pingresp' });
    });
    socket.on('data', (data) => parser.parse(data));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clients,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
