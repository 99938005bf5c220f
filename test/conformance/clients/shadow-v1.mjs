// A device written with aws-iot-device-sdk (v1): thingShadow.
import sdk from 'aws-iot-device-sdk';
import { Arrivals, ask, finish, setting, tell } from './steps.mjs';

const { thingName, host, port, ca, cert, key } = setting;
const shadows = sdk.thingShadow({
  host,
  port,
  clientId: thingName,
  caCert: Buffer.from(ca),
  clientCert: Buffer.from(cert),
  privateKey: Buffer.from(key),
});
const statuses = new Arrivals();
const deltas = new Arrivals();
const foreign = new Arrivals();
shadows.on('status', (_thing, status, clientToken, body) => statuses.add({ status, clientToken, body }));
shadows.on('delta', (_thing, body) => deltas.add(body));
shadows.on('foreignStateChange', (_thing, operation, body) => foreign.add({ operation, body }));
shadows.on('timeout', (_thing, clientToken) => statuses.add({ status: 'timeout', clientToken }));
await new Promise((resolve) => shadows.once('connect', resolve));
tell(
  'register',
  await new Promise((resolve) => shadows.register(thingName, {}, (error, failed) => resolve({ error, failed }))),
);
const answered = async (operation, ...args) => {
  const token = shadows[operation](thingName, ...args);
  const answer = await statuses.next();
  return { ...answer, sameToken: answer.clientToken === token };
};

tell('get of none', await answered('get'));
tell('update', await answered('update', { state: { desired: { mode: 'boost' }, reported: { mode: 'eco' } } }));
tell('delta', await deltas.next());
tell('get', await answered('get'));
tell('report', await answered('update', { state: { reported: { mode: 'boost' } } }));
await ask('set desired');
tell('foreign update', await foreign.next());
tell('delta from elsewhere', await deltas.next());
tell('update after it', await answered('update', { state: { reported: { mode: 'night' } } }));
tell('delete', await answered('delete'));
tell('get after delete', await answered('get'));
tell('made again', await answered('update', { state: { reported: { mode: 'eco' } } }));
await ask('drift');
tell('conflict', await answered('update', { state: { reported: { mode: 'off' } } }));
shadows.end(true);
finish();
