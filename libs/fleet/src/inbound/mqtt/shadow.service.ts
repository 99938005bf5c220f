import { Injectable } from '@nestjs/common';
import { Clock, DomainError } from '@throughline/kernel';
import { everyCustomer } from '@throughline/platform';
import { type DeviceReply, type DeviceRequest, DeviceService } from '../../application/device-service.js';
import { DeleteShadow } from '../../application/shadow/delete-shadow.js';
import { GetShadow } from '../../application/shadow/get-shadow.js';
import { ReportShadow } from '../../application/shadow/report-shadow.js';
import { seconds } from '../../application/shadow/shadow-heads.js';

import {
  deleteAccepted,
  getAccepted,
  rejected,
  type ShadowMessage,
  updateMessages,
} from '../../domain/shadow/messages.js';
import { ShadowRefusal } from '../../domain/shadow/refusal.js';
import { parseTokenOnly, parseUpdate, tokenToEcho } from '../../domain/shadow/request.js';
import { RequestRate } from '../../domain/shadow/request-rate.js';
import { askedFor, shadowRequestTopics } from '../../domain/shadow/topics.js';

/** AWS IoT's Device Shadow: classic and named. Answers go to every session of the thing that subscribed, as AWS sends them. */
@Injectable()
export class ShadowService extends DeviceService {
  readonly for = 'device';
  readonly requests = shadowRequestTopics;
  private readonly rate = new RequestRate();

  constructor(
    private readonly getShadow: GetShadow,
    private readonly reportShadow: ReportShadow,
    private readonly deleteShadow: DeleteShadow,
    private readonly clock: Clock,
  ) {
    super();
  }

  async handle(request: DeviceRequest): Promise<readonly DeviceReply[]> {
    try {
      return (await this.answer(request)).map(toSubscribers);
    } catch (error) {
      if (error instanceof ShadowRefusal) return this.refuse(request, error);
      throw error;
    }
  }

  failed(request: DeviceRequest, why: 'throttled' | 'internal'): readonly DeviceReply[] {
    return this.refuse(request, new ShadowRefusal(why));
  }

  private async answer({ requester, topic, payload }: DeviceRequest): Promise<ShadowMessage[]> {
    if (requester.kind !== 'device') throw new DomainError('INTERNAL', 'only a device has shadows');
    const { deviceId, thingName } = requester;
    // By this process's steady clock: it is about load, not about the time of day.
    if (!this.rate.allows(deviceId, performance.now())) throw new ShadowRefusal('throttled');
    const { operation, name } = askedFor(topic);
    const key = { deviceId, thingName, name };
    const author = { kind: 'device', id: deviceId, name: thingName } as const;
    if (operation === 'update') {
      const update = parseUpdate(payload);
      const { previous, current, at } = await this.reportShadow.run(key, update, author);
      const frame = { thingName, name, timestamp: seconds(at), clientToken: update.clientToken };
      return updateMessages(frame, update, previous, current);
    }
    const clientToken = parseTokenOnly(payload);
    if (operation === 'delete') {
      const { version, at } = await this.deleteShadow.run(everyCustomer, key, author);
      return [deleteAccepted({ thingName, name, timestamp: seconds(at), clientToken }, version)];
    }
    const { shadow, at } = await this.getShadow.run(everyCustomer, key);
    return [getAccepted({ thingName, name, timestamp: seconds(at), clientToken }, shadow)];
  }

  private refuse({ topic, payload }: DeviceRequest, refusal: ShadowRefusal): DeviceReply[] {
    return [toSubscribers(rejected(topic, refusal, seconds(this.clock.now()), tokenToEcho(payload)))];
  }
}

const toSubscribers = (message: ShadowMessage): DeviceReply => ({ to: 'subscribers', ...message });
