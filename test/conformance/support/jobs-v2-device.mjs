// A device on the unmodified aws-iot-device-sdk-v2: IotJobsClientv2 over MQTT 3.1.1 and TLS, in a process of its own because the
// SDK's native part can abort one. Commands come and answers go over IPC: {id, operation, request} → {id, result | error}.
import { iot, iotjobs, mqtt } from 'aws-iot-device-sdk-v2';

/** Long enough for a busy machine, short enough for a test that fails. */
const OPERATION_SECONDS = 20;
/** The SDK's SubscriptionStatusEventType.SubscriptionEstablished, which it exports as a type only. */
const ESTABLISHED = 0;

const { thingName, port, caPem, certificatePem, privateKeyPem } = JSON.parse(process.argv[2]);
const config = iot.AwsIotMqttConnectionConfigBuilder.new_mtls_builder(certificatePem, privateKeyPem)
  .with_certificate_authority(caPem)
  .with_endpoint('localhost')
  .with_port(port)
  .with_client_id(thingName)
  .with_clean_session(true)
  .build();
const connection = new mqtt.MqttClient().new_connection(config);
connection.on('error', () => undefined);
connection.on('interrupt', () => process.send({ event: 'interrupt' }));
await connection.connect();
const jobs = iotjobs.IotJobsClientv2.newFromMqtt311(connection, {
  maxRequestResponseSubscriptions: 8,
  maxStreamingSubscriptions: 4,
  operationTimeoutInSeconds: OPERATION_SECONDS,
});

const streams = [];
/** Resolves when the subscription stands; what comes is sent on as `event`. */
const listen = (stream, event) =>
  new Promise((resolve) => {
    streams.push(stream);
    stream.on('incomingPublish', ({ message }) => process.send({ event, message }));
    stream.on('subscriptionStatus', ({ type }) => type === ESTABLISHED && resolve());
    stream.open();
  });

const run = (operation, request) =>
  operation === 'listen'
    ? Promise.all([
        listen(jobs.createJobExecutionsChangedStream({ thingName }), 'notify'),
        listen(jobs.createNextJobExecutionChangedStream({ thingName }), 'notify-next'),
      ])
    : jobs[operation](request);

process.on('message', ({ id, operation, request }) => {
  run(operation, request).then(
    (result) => process.send({ id, result: result ?? null }),
    (error) => process.send({ id, error: { text: String(error), modeled: error.modeledError } }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send({ event: 'connected' });
