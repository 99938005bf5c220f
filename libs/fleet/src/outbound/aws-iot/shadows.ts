import {
  DeleteThingShadowCommand,
  GetThingShadowCommand,
  type IoTDataPlaneClient,
  UpdateThingShadowCommand,
} from '@aws-sdk/client-iot-data-plane';
import type { JsonObject } from '../../domain/shadow/json.js';
import type { AwsShadows } from './aws-iot.js';
import { calling, unlessMissing } from './failures.js';

const keyOf = (thingName: string, name: string) => ({ thingName, ...(name === '' ? {} : { shadowName: name }) });
const shown = (thingName: string, name: string): string => `shadow ${name || 'of'} ${thingName}`;

/** Device Shadow over HTTPS. */
export class ShadowsAtAws implements AwsShadows {
  constructor(private readonly data: IoTDataPlaneClient) {}

  async get(thingName: string, name: string): Promise<unknown> {
    return unlessMissing(shown(thingName, name), async () => {
      const { payload } = await this.data.send(new GetThingShadowCommand(keyOf(thingName, name)));
      return JSON.parse(Buffer.from(payload ?? []).toString('utf8')) as unknown;
    });
  }

  async setDesired(
    { thingName, name }: { thingName: string; name: string },
    { desired, version }: { desired: JsonObject; version?: number | undefined },
  ): Promise<void> {
    const document = { state: { desired }, ...(version === undefined ? {} : { version }) };
    const payload = Buffer.from(JSON.stringify(document));
    await calling(shown(thingName, name), () =>
      this.data.send(new UpdateThingShadowCommand({ ...keyOf(thingName, name), payload })),
    );
  }

  async delete(thingName: string, name: string): Promise<void> {
    await calling(shown(thingName, name), () => this.data.send(new DeleteThingShadowCommand(keyOf(thingName, name))));
  }
}
