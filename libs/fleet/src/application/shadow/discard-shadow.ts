import { Injectable } from '@nestjs/common';
import type { RequestScope } from '@throughline/identity';
import { Database, Downlink } from '@throughline/platform';
import type { Device } from '../../domain/registry.js';
import { deleteAccepted } from '../../domain/shadow/messages.js';
import { ShadowsAtAws } from '../aws/shadows-at-aws.js';
import { DeleteShadow } from './delete-shadow.js';
import { authorOf, checkedTarget, forApi, type ShadowTarget } from './from-api.js';
import { seconds } from './shadow-heads.js';
import { Shadows } from './shadows.js';

@Injectable()
export class DiscardShadow {
  constructor(
    private readonly database: Database,
    private readonly shadows: Shadows,
    private readonly deletion: DeleteShadow,
    private readonly downlink: Downlink,
    private readonly atAws: ShadowsAtAws,
  ) {}

  /** Deletes a shadow and tells the device so; gives the device. Errors: INVALID_INPUT; NOT_FOUND. */
  async run(scope: RequestScope, target: ShadowTarget): Promise<Device> {
    const { by, name } = checkedTarget(target);
    return forApi(target, async () => {
      if (this.atAws.kept) {
        const device = await this.database.read(scope.data, (em) => this.shadows.deviceOf(em, by));
        const { id: deviceId, thingName } = device;
        await this.atAws.delete(scope.data, { deviceId, thingName, name }, authorOf(scope));
        return device;
      }
      return this.database.transaction(scope.data, async (em) => {
        const device = await this.shadows.deviceOf(em, by);
        const { id: deviceId, thingName } = device;
        const { version, at } = await this.deletion.run(scope.data, { deviceId, thingName, name }, authorOf(scope));
        await this.downlink.send(em, [deleteAccepted({ thingName, name, timestamp: seconds(at) }, version)]);
        return device;
      });
    });
  }
}
