import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import { uuids } from './rows.js';

export interface KnownSite {
  readonly id: string;
  readonly name: string;
  readonly customerId: string;
  readonly customer: string;
}

export interface KnownMachine {
  readonly id: string;
  readonly serialNumber: string;
  readonly modelId: string;
  readonly siteId: string;
  readonly retired: boolean;
  /** A device is installed at it. */
  readonly taken: boolean;
}

export interface NewDevice {
  readonly id: string;
  readonly thing_name: string;
  readonly model_id: string;
  readonly customer_id: string | null;
  readonly state: 'manufactured' | 'claimed';
  readonly tags: Readonly<Record<string, string>>;
}

export interface NewMachine {
  readonly id: string;
  readonly customer_id: string;
  readonly site_id: string;
  readonly model_id: string;
  readonly serial_number: string;
  readonly name: string;
  readonly location: string;
}

export interface NewInstallation {
  readonly id: string;
  readonly device_id: string;
  readonly asset_id: string;
  readonly customer_id: string;
  readonly loan: boolean;
}

/** Look-ups and writes of many rows at once. */
@Injectable()
export class DeviceImportStore {
  async sites(em: EntityManager, customers: readonly string[]): Promise<KnownSite[]> {
    return em.execute<KnownSite[]>(
      `select s.id, s.name, o.id as "customerId", o.name as customer from site s join organisation o on o.id = s.customer_id
       where o.kind = 'customer' and o.name in (select jsonb_array_elements_text(?::jsonb))`,
      [JSON.stringify(customers)],
    );
  }

  /** Held until the transaction ends, as installing holds them. */
  async machines(em: EntityManager, serialNumbers: readonly string[]): Promise<KnownMachine[]> {
    return em.execute<KnownMachine[]>(
      `select a.id, a.serial_number as "serialNumber", a.model_id as "modelId", a.site_id as "siteId",
         a.retired_at is not null as retired,
         exists (select 1 from installation i where i.asset_id = a.id and i.to_at is null) as taken
       from asset a where a.serial_number in (select jsonb_array_elements_text(?::jsonb)) order by a.id`,
      [JSON.stringify(serialNumbers)],
    );
  }

  async hold(em: EntityManager, assetIds: readonly string[]): Promise<void> {
    await em.execute('select id from asset where id = any(?::uuid[]) order by id for update', [uuids(assetIds)]);
  }

  async insert(
    em: EntityManager,
    devices: readonly NewDevice[],
    machines: readonly NewMachine[],
    installations: readonly NewInstallation[],
    at: Date,
  ): Promise<void> {
    await em.execute(
      `insert into device (id, thing_name, model_id, customer_id, state, tags, created_at)
       select r.*, ?::timestamptz from jsonb_to_recordset(?::jsonb)
         as r(id uuid, thing_name text, model_id uuid, customer_id uuid, state text, tags jsonb)`,
      [at, JSON.stringify(devices)],
    );
    await em.execute(
      `insert into asset (id, customer_id, site_id, model_id, serial_number, name, location, in_service_since)
       select r.*, ?::timestamptz from jsonb_to_recordset(?::jsonb)
         as r(id uuid, customer_id uuid, site_id uuid, model_id uuid, serial_number text, name text, location text)`,
      [at, JSON.stringify(machines)],
    );
    await em.execute(
      `insert into installation (id, device_id, asset_id, customer_id, loan, from_at)
       select r.*, ?::timestamptz from jsonb_to_recordset(?::jsonb)
         as r(id uuid, device_id uuid, asset_id uuid, customer_id uuid, loan boolean)`,
      [at, JSON.stringify(installations)],
    );
  }
}
