import { IoTClient, type IoTClientConfig } from '@aws-sdk/client-iot';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { IoTJobsDataPlaneClient } from '@aws-sdk/client-iot-jobs-data-plane';
import type { AwsConfig } from '@throughline/platform';
import type { AwsIot } from './aws-iot.js';
import { CommandsAtAws } from './commands.js';
import { JobsAtAws } from './jobs.js';
import { ShadowsAtAws } from './shadows.js';
import { ThingsAtAws } from './things.js';

/** Tries of one call, the SDK's own: throttling and failures that pass. */
const MAX_ATTEMPTS = 3;

/** `options`: for tests, a handler in place of the network. */
export function awsIot(
  { region, endpoint, credentials, devicePolicy }: AwsConfig,
  options: Pick<IoTClientConfig, 'requestHandler' | 'maxAttempts'> = {},
): AwsIot {
  const common = { region, maxAttempts: MAX_ATTEMPTS, ...(credentials && { credentials }), ...options };
  const iot = new IoTClient(common);
  const things = new ThingsAtAws(iot, devicePolicy);
  return {
    things,
    shadows: new ShadowsAtAws(new IoTDataPlaneClient({ ...common, endpoint: `https://${endpoint}` })),
    jobs: new JobsAtAws(iot, things),
    commands: new CommandsAtAws(
      iot,
      things,
      (host) => new IoTJobsDataPlaneClient({ ...common, endpoint: `https://${host}` }),
    ),
  };
}
