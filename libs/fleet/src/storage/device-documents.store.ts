import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import type { ShadowDocument } from '../domain/query/facts.js';
import { uuids } from './rows.js';

interface Raw {
  device_id: string;
  name: string;
  desired: unknown;
  reported: unknown;
}

/** The shadow documents of devices, for the search index. */
@Injectable()
export class DeviceDocumentStore {
  /** Device id → its shadows by name; devices without any are missing. */
  async of(em: EntityManager, deviceIds: readonly string[]): Promise<Map<string, Record<string, ShadowDocument>>> {
    const rows = await em.execute<Raw[]>(
      'select device_id, name, desired, reported from shadow where deleted_at is null and device_id = any(?::uuid[])',
      [uuids(deviceIds)],
    );
    const found = new Map<string, Record<string, ShadowDocument>>();
    for (const { device_id, name, desired, reported } of rows)
      found.set(device_id, { ...found.get(device_id), [name]: { desired, reported } });
    return found;
  }
}
