import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import type { ShadowDocument } from '../domain/query/facts.js';

/** The shadow documents of devices, for the search index. */
@Injectable()
export class DeviceDocumentStore {
  /** Device id → its shadows by name; devices without any are missing. */
  async of(_em: EntityManager, _deviceIds: readonly string[]): Promise<Map<string, Record<string, ShadowDocument>>> {
    return new Map();
  }
}
