import { iotidentity, type mqtt } from 'aws-iot-device-sdk-v2';
import { NotConnected } from '../updater/update-jobs.js';

const LIMITS = { maxRequestResponseSubscriptions: 2, maxStreamingSubscriptions: 1, operationTimeoutInSeconds: 15 };
const TOO_MANY_REQUESTS = 429;

/** The service does not sign what it was asked for; it is no use to ask again. */
export class SigningRefused extends Error {
  override readonly name = 'SigningRefused';
}

/** Certificates by AWS IoT's fleet provisioning, over the device's connection. */
export class SdkCertificates {
  #connection: mqtt.MqttClientConnection | undefined;

  /** The connection is up; undefined when it is given up. */
  connection(connection: mqtt.MqttClientConnection | undefined): void {
    this.#connection = connection;
  }

  /** The certificate, PEM. @throws SigningRefused; any other error is passing. */
  async sign(certificateSigningRequest: string): Promise<string> {
    if (!this.#connection) throw new NotConnected();
    const client = iotidentity.IotIdentityClientv2.newFromMqtt311(this.#connection, LIMITS);
    try {
      const { certificatePem } = await client.createCertificateFromCsr({ certificateSigningRequest });
      if (!certificatePem) throw new Error('the answer has no certificate');
      return certificatePem;
    } catch (error) {
      throw refusalOf(error) ?? error;
    } finally {
      client.close();
    }
  }
}

function refusalOf(error: unknown): SigningRefused | undefined {
  if (typeof error !== 'object' || error === null || !('modeledError' in error)) return undefined;
  const { statusCode, errorCode, errorMessage } = error.modeledError as iotidentity.model.V2ErrorResponse;
  if (statusCode === undefined || statusCode >= 500 || statusCode === TOO_MANY_REQUESTS) return undefined;
  return new SigningRefused(`${errorCode ?? statusCode}: ${errorMessage ?? ''}`, { cause: error });
}
