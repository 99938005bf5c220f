import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import { DeviceEvent } from '@throughline/schema/telemetry';

@Injectable()
export class DeviceEventStore {
  async newest(em: EntityManager, assetId: string, limit: number): Promise<DeviceEvent[]> {
    return em.find(DeviceEvent, { assetId }, { orderBy: { ts: 'desc', id: 'desc' }, limit });
  }
}
