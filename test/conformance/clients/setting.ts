import { IssueDeviceCertificate } from '@throughline/fleet';
import { everyCustomer } from '@throughline/platform';
import type { World } from '../../../apps/gateway/test/world.js';
import type { DeviceSetting } from './run.js';

/** What a new, installed device of that name is given to connect to the gateway with its certificate. */
export async function settingFor(w: World, thingName: string): Promise<DeviceSetting> {
  const { deviceId } = await w.installed(thingName);
  const issued = await w.module.get(IssueDeviceCertificate).run(everyCustomer, { deviceId });
  return {
    thingName,
    host: 'localhost',
    port: Number(new URL(w.mqttsUrl).port),
    ca: issued.caPem,
    cert: issued.certificatePem,
    key: issued.privateKeyPem,
  };
}
