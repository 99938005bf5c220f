// The gateway's own listener with handlers that do nothing: what MQTT alone costs.
import 'reflect-metadata';
import { AedesListener } from '../../../apps/gateway/dist/listeners/aedes-listener.js';

const silent = { debug() {}, info() {}, warn: console.error, error: console.error };
const certificate = { current: async () => ({ key: undefined, cert: undefined, ca: undefined }) };
const listener = new AedesListener({ mqtt: { plain: true, plainPort: 0, tlsPort: 0 } }, certificate, silent);
const addresses = await listener.start({
  connecting: async ({ clientId, connection }) => ({
    link: {
      name: clientId,
      receive: ({ topic, payload }, done) => {
        if (topic.startsWith('$')) connection.send(`${topic}/accepted`, payload);
        done();
      },
      receiveOversized: (_publication, _bytes, done) => done(),
      refuseSubscription: () => undefined,
      subscribed: () => undefined,
      ended: () => undefined,
    },
  }),
});
process.send(addresses);
process.on('disconnect', () => process.exit());
