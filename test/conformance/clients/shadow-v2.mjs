// A device written with aws-iot-device-sdk-v2: IotShadowClientv2 over MQTT 3.1.1 with a client certificate.
import sdk from 'aws-iot-device-sdk-v2';
import { Arrivals, ask, finish, outcome, setting, tell } from './steps.mjs';

const { iot, iotshadow, mqtt } = sdk;
const { thingName, host, port, ca, cert, key } = setting;
/** SubscriptionStatusEventType.SubscriptionEstablished, which the SDK keeps to itself. */
const ESTABLISHED = 0;

const connection = new mqtt.MqttClient().new_connection(
  iot.AwsIotMqttConnectionConfigBuilder.new_mtls_builder(cert, key)
    .with_certificate_authority(ca)
    .with_endpoint(host)
    .with_port(port)
    .with_client_id(thingName)
    .build(),
);
connection.on('error', () => undefined);
await connection.connect();
const client = iotshadow.IotShadowClientv2.newFromMqtt311(connection, {
  maxRequestResponseSubscriptions: 10,
  maxStreamingSubscriptions: 6,
  operationTimeoutInSeconds: 20,
});

/** An open stream and what it gave, once the server has granted it. */
async function opened(stream) {
  const events = new Arrivals();
  stream.on('incomingPublish', ({ message }) => events.add(message));
  const granted = new Promise((resolve, reject) =>
    stream.on('subscriptionStatus', ({ type, error }) => (type === ESTABLISHED ? resolve() : reject(error))),
  );
  stream.open();
  await granted;
  return events;
}

tell('get of none', await outcome(client.getShadow({ thingName })));
const deltas = await opened(client.createShadowDeltaUpdatedStream({ thingName }));
const documents = await opened(client.createShadowUpdatedStream({ thingName }));

tell(
  'first update',
  await outcome(
    client.updateShadow({
      thingName,
      state: { desired: { mode: 'boost', led: { r: 1, g: 2 }, list: [1, 2] }, reported: { mode: 'eco', old: true } },
    }),
  ),
);
tell('first delta', await deltas.next());
tell('first documents', await documents.next());
tell('get', await outcome(client.getShadow({ thingName })));
tell(
  'report',
  await outcome(
    client.updateShadow({
      thingName,
      version: 1,
      state: { reported: { mode: 'boost', led: { r: 1, g: 2 }, list: [1, 2], old: null } },
    }),
  ),
);
tell('second documents', await documents.next());
tell('conflict', await outcome(client.updateShadow({ thingName, version: 1, state: { reported: { mode: 'off' } } })));
tell('oversize', await outcome(client.updateShadow({ thingName, state: { reported: { text: 'x'.repeat(9_000) } } })));
tell('null in array', await outcome(client.updateShadow({ thingName, state: { desired: { list: [null] } } })));
tell('no state', await outcome(client.updateShadow({ thingName })));

await ask('set desired');
tell('delta from the API', await deltas.next());
tell('documents from the API', await documents.next());

const shadowName = 'config';
const named = { thingName, shadowName };
const namedDeltas = await opened(client.createNamedShadowDeltaUpdatedStream(named));
const namedDocuments = await opened(client.createNamedShadowUpdatedStream(named));
tell('get of no named', await outcome(client.getNamedShadow(named)));
tell('named update', await outcome(client.updateNamedShadow({ ...named, state: { desired: { level: 3 } } })));
tell('named delta', await namedDeltas.next());
tell('named documents', await namedDocuments.next());
tell('named get', await outcome(client.getNamedShadow(named)));
tell('named delete', await outcome(client.deleteNamedShadow(named)));
tell('named delete again', await outcome(client.deleteNamedShadow(named)));
tell('named made again', await outcome(client.updateNamedShadow({ ...named, state: { reported: { level: 3 } } })));
tell('delete', await outcome(client.deleteShadow({ thingName })));
tell('get after delete', await outcome(client.getShadow({ thingName })));

// A thing has 20 requests a second; so many were just made.
await new Promise((resolve) => setTimeout(resolve, 1_100));
// The SDK asks for the answers of an update anew here; requests that it is given while it does are not all sent; none of them reach
// the gateway. So the first goes alone.
tell('first again', await outcome(client.updateShadow({ thingName, state: { reported: { alone: true } } })));
tell(
  'parallel',
  await Promise.all(
    Array.from({ length: 5 }, (_, i) =>
      outcome(client.updateShadow({ thingName, state: { reported: { [`k${i}`]: i } } })),
    ),
  ),
);

const refusals = new Arrivals();
// A filter of its own: the client gives up its own subscriptions when it likes, and would take this one with it.
await connection.subscribe(`$aws/things/${thingName}/shadow/update/+`, mqtt.QoS.AtLeastOnce, (topic, payload) => {
  if (topic.endsWith('/rejected')) refusals.add(JSON.parse(Buffer.from(payload).toString()));
});
await connection.publish(`$aws/things/${thingName}/shadow/update`, '{"state":', mqtt.QoS.AtLeastOnce);
tell('bad JSON', await refusals.next());
tell('deltas left', deltas.left);

client.close();
// A subscription to another thing's answers ends the connection; the SDK connects and asks again until its time is up.
const curious = iotshadow.IotShadowClientv2.newFromMqtt311(connection, {
  maxRequestResponseSubscriptions: 2,
  maxStreamingSubscriptions: 0,
  operationTimeoutInSeconds: 2,
});
tell('of another thing', await outcome(curious.getShadow({ thingName: 'somebody-else' })));
curious.close();
await connection.disconnect();
finish();
