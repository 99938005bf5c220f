import { Injectable } from '@nestjs/common';
import type { RequestScope } from '@throughline/identity';
import { invalid, notFound } from '@throughline/kernel';
import { Database, Downlink } from '@throughline/platform';
import type { JsonObject } from '../../domain/shadow/json.js';
import { checkSize } from '../../domain/shadow/limits.js';
import { updateMessages } from '../../domain/shadow/messages.js';
import { checkedPatch } from '../../domain/shadow/request.js';
import { type ShadowView, viewOf } from '../../domain/shadow/view.js';
import { ShadowsAtAws } from '../aws/shadows-at-aws.js';
import { authorOf, checkedTarget, forApi, type ShadowTarget } from './from-api.js';
import { seconds } from './shadow-heads.js';
import { Shadows } from './shadows.js';
import { UpdateShadow } from './update-shadow.js';

export interface SetDesiredInput extends ShadowTarget {
  /** Keys to write, and with `null` those to delete; other keys stay. */
  readonly desired: JsonObject;
  /** Refuse when the shadow has another. */
  readonly expectedVersion?: number | undefined;
}

@Injectable()
export class SetDesired {
  constructor(
    private readonly database: Database,
    private readonly shadows: Shadows,
    private readonly update: UpdateShadow,
    private readonly downlink: Downlink,
    private readonly atAws: ShadowsAtAws,
  ) {}

  /**
   * Changes what is desired of a device, which is told in the same messages as of a change over AWS IoT's HTTPS interface.
   * Errors: INVALID_INPUT (a bad name, too large, too deep); NOT_FOUND; STATE_CONFLICT for another version.
   */
  async run(scope: RequestScope, input: SetDesiredInput): Promise<ShadowView> {
    const { by, name } = checkedTarget(input);
    const { desired, expectedVersion: version } = input;
    if (version !== undefined && !(Number.isSafeInteger(version) && version >= 1))
      throw invalid({ field: 'expectedVersion', value: version, rule: 'must be a whole number from 1' });
    return forApi(input, async () => {
      checkedPatch(desired, 'desiredNotObject');
      checkSize(desired);
      if (this.atAws.kept) return this.throughAws(scope, by, name, { desired, version });
      return this.database.transaction(scope.data, async (em) => {
        const { id: deviceId, thingName } = await this.shadows.deviceOf(em, by);
        const key = { deviceId, thingName, name };
        const update = { state: { desired }, ...(version === undefined ? {} : { version }) };
        const { previous, current, at } = await this.update.run(scope.data, key, update, authorOf(scope));
        const frame = { thingName, name, timestamp: seconds(at) };
        await this.downlink.send(em, updateMessages(frame, update, previous, current));
        return viewOf(key, current, at);
      });
    });
  }

  private async throughAws(
    scope: RequestScope,
    by: ReturnType<typeof checkedTarget>['by'],
    name: string,
    change: { desired: JsonObject; version: number | undefined },
  ): Promise<ShadowView> {
    const { id: deviceId, thingName } = await this.database.read(scope.data, (em) => this.shadows.deviceOf(em, by));
    await this.atAws.setDesired({ deviceId, thingName, name }, change, authorOf(scope));
    const view = await this.shadows.find(scope.data, deviceId, name);
    if (!view) throw notFound('shadow', name || thingName);
    return view;
  }
}
