import { loadConfig } from './config.js';

const base = {
  NODE_ENV: 'test',
  DATABASE_URL: 'postgres://localhost/x',
  INSTALLATION_KEY: Buffer.alloc(32, 7).toString('base64'),
};
const aws = { AWS_IOT_ENDPOINT: 'a1b2c3-ats.iot.eu-central-1.amazonaws.com', AWS_REGION: 'eu-central-1' };
/** Any file that exists. */
const here = import.meta.filename;

describe('AWS mode', () => {
  it('is off unless the endpoint is set', () => {
    expect(loadConfig(base)).toMatchObject({ aws: undefined, mqtt: { url: undefined, clientTls: undefined } });
    expect(loadConfig({ ...base, AWS_REGION: 'eu-central-1' }).aws).toBeUndefined();
  });

  it('makes the endpoint the outside broker, with the gateway’s certificate', () => {
    const config = loadConfig({ ...base, ...aws, MQTT_CERT_FILE: here, MQTT_KEY_FILE: here });
    expect(config.mqtt.url).toBe('mqtts://a1b2c3-ats.iot.eu-central-1.amazonaws.com:8883');
    expect(config.mqtt.clientTls).toEqual({ certFile: here, keyFile: here, caFile: undefined });
    expect(config.aws).toEqual({
      region: 'eu-central-1',
      endpoint: aws.AWS_IOT_ENDPOINT,
      credentials: undefined,
      devicePolicy: 'throughline-device',
    });
  });

  it('takes keys when they are given, both', () => {
    const keys = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };
    const url = { MQTT_URL: 'mqtt://localhost:1883' };
    expect(loadConfig({ ...base, ...aws, ...url, ...keys }).aws?.credentials).toEqual({
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'secret',
    });
    expect(() => loadConfig({ ...base, ...aws, ...url, AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE' })).toThrow(
      'AWS_SECRET_ACCESS_KEY: must be set when AWS_ACCESS_KEY_ID is',
    );
  });

  it('lists every fault', () => {
    const load = (env: Record<string, string>) => () => loadConfig({ ...base, ...env });
    expect(load({ AWS_IOT_ENDPOINT: aws.AWS_IOT_ENDPOINT })).toThrow(
      /AWS_REGION: must be set when AWS_IOT_ENDPOINT is.*MQTT_CERT_FILE: must be set when AWS_IOT_ENDPOINT is/,
    );
    expect(load({ ...aws, MQTT_CERT_FILE: '/nowhere.pem', MQTT_KEY_FILE: here })).toThrow(
      'MQTT_CERT_FILE: must be a file that exists (given: "/nowhere.pem")',
    );
    expect(load({ ...aws, MQTT_CERT_FILE: here })).toThrow('MQTT_KEY_FILE: must be set when MQTT_CERT_FILE is');
    expect(load({ AWS_IOT_ENDPOINT: 'https://x', AWS_REGION: 'Frankfurt' })).toThrow(
      /AWS_IOT_ENDPOINT: must be a host name.*AWS_REGION: must be a region/,
    );
  });
});
