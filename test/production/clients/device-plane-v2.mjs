// A device written with aws-iot-device-sdk-v2: IotShadowClientv2 and IotJobsClientv2 over the protocol of its setting, "3.1.1" or "5".
import { once } from 'node:events';
import sdk from 'aws-iot-device-sdk-v2';
import { Arrivals, ask, finish, outcome, setting, tell } from '../../conformance/clients/steps.mjs';

const { iot, iotjobs, iotshadow, mqtt, mqtt5 } = sdk;
const { thingName, host, port, ca, cert, key, protocol } = setting;
/** SubscriptionStatusEventType.SubscriptionEstablished, which the SDK keeps to itself. */
const ESTABLISHED = 0;
const options = { maxRequestResponseSubscriptions: 10, maxStreamingSubscriptions: 6, operationTimeoutInSeconds: 20 };

async function over311() {
  const builder = iot.AwsIotMqttConnectionConfigBuilder.new_mtls_builder(cert, key)
    .with_certificate_authority(ca)
    .with_endpoint(host)
    .with_port(port)
    .with_client_id(thingName)
    .with_clean_session(true);
  const connection = new mqtt.MqttClient().new_connection(builder.build());
  connection.on('error', () => undefined);
  await connection.connect();
  return {
    shadow: iotshadow.IotShadowClientv2.newFromMqtt311(connection, options),
    jobs: iotjobs.IotJobsClientv2.newFromMqtt311(connection, options),
    end: () => connection.disconnect(),
  };
}

async function over5() {
  const builder = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromMemory(host, cert, key)
    .withCertificateAuthority(ca)
    .withPort(port)
    .withConnectProperties({ clientId: thingName, keepAliveIntervalSeconds: 60 });
  const client = new mqtt5.Mqtt5Client(builder.build());
  client.on('error', () => undefined);
  const connected = once(client, 'connectionSuccess');
  client.start();
  await connected;
  return {
    shadow: iotshadow.IotShadowClientv2.newFromMqtt5(client, options),
    jobs: iotjobs.IotJobsClientv2.newFromMqtt5(client, options),
    end: async () => {
      const stopped = once(client, 'stopped');
      client.stop({ reasonCode: mqtt5.DisconnectReasonCode.NormalDisconnection });
      await stopped;
    },
  };
}

/** An open stream and what it gave, once the broker has granted it. */
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

const { shadow, jobs, end } = await (protocol === '5' ? over5() : over311());

tell('get of none', await outcome(shadow.getShadow({ thingName })));
const deltas = await opened(shadow.createShadowDeltaUpdatedStream({ thingName }));
const documents = await opened(shadow.createShadowUpdatedStream({ thingName }));
tell(
  'update',
  await outcome(shadow.updateShadow({ thingName, state: { desired: { mode: 'boost' }, reported: { mode: 'eco' } } })),
);
tell('delta', await deltas.next());
tell('documents', await documents.next());
tell('get', await outcome(shadow.getShadow({ thingName })));
tell('conflict', await outcome(shadow.updateShadow({ thingName, version: 7, state: { reported: { mode: 'off' } } })));
await ask('set desired');
tell('delta from the API', await deltas.next());
const named = { thingName, shadowName: 'config' };
tell('named', await outcome(shadow.updateNamedShadow({ ...named, state: { reported: { level: 3 } } })));
tell('named delete', await outcome(shadow.deleteNamedShadow(named)));

const next = await opened(jobs.createNextJobExecutionChangedStream({ thingName }));
const list = await opened(jobs.createJobExecutionsChangedStream({ thingName }));
tell('nothing to do', await outcome(jobs.startNextPendingJobExecution({ thingName })));
await ask('make a job');
const first = await next.next();
tell('next', first);
tell('list', await list.next());
const jobId = first.execution.jobId;
tell('pending', await outcome(jobs.getPendingJobExecutions({ thingName })));
tell('described', await outcome(jobs.describeJobExecution({ thingName, jobId: '$next' })));
tell('started', await outcome(jobs.startNextPendingJobExecution({ thingName, statusDetails: { step: '1' } })));
const update = (status, more) => outcome(jobs.updateJobExecution({ thingName, jobId, status, ...more }));
tell('wrong version', await update('IN_PROGRESS', { expectedVersion: 9 }));
tell('progress', await update('IN_PROGRESS', { expectedVersion: 2, includeJobExecutionState: true }));
tell('done', await update('SUCCEEDED', { statusDetails: { step: '2' }, includeJobExecutionState: true }));
tell('next after it', await next.next());
tell('over', await update('FAILED', {}));
await ask('look');
shadow.close();
jobs.close();
await end();
await ask('gone');
finish();
