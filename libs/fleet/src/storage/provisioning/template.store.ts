import { Injectable } from '@nestjs/common';
import { isId } from '@throughline/kernel';
import { type Connection, type EntityManager, keysetPage, type PageRequest } from '@throughline/platform';
import { ProvisioningTemplate as Row } from '@throughline/schema/fleet';
import type { ProvisioningTemplate } from '../../domain/provisioning/template.js';
import { plain } from '../rows.js';
import { mapped } from './pages.js';

@Injectable()
export class TemplateStore {
  async byId(em: EntityManager, id: string): Promise<ProvisioningTemplate | undefined> {
    return (await this.byIds(em, [id]))[0];
  }

  async byIds(em: EntityManager, ids: readonly string[]): Promise<ProvisioningTemplate[]> {
    return (await em.find(Row, { id: { $in: ids.filter(isId) } }, plain)).map(toTemplate);
  }

  async byName(em: EntityManager, name: string): Promise<ProvisioningTemplate | undefined> {
    const row = await em.findOne(Row, { name }, plain);
    return row ? toTemplate(row) : undefined;
  }

  /** By name. */
  async page(em: EntityManager, page: PageRequest): Promise<Connection<ProvisioningTemplate>> {
    const found = await keysetPage(em, Row, {
      list: 'provisioningTemplates',
      sort: [{ property: 'name', type: 'string', direction: 'asc' }],
      page,
    });
    return mapped(found, toTemplate);
  }

  /** False when the name is taken. */
  async insert(em: EntityManager, t: ProvisioningTemplate): Promise<boolean> {
    const rows = await em.execute<unknown[]>(
      `insert into provisioning_template (id, name, model_id, parameters, thing_name_pattern, device_configuration, hook_url, created_at)
       values (?, ?, ?, ?::jsonb, ?, ?::jsonb, ?, ?) on conflict (name) do nothing returning id`,
      [
        t.id,
        t.name,
        t.modelId,
        JSON.stringify(t.parameters),
        t.thingNamePattern,
        JSON.stringify(t.deviceConfiguration),
        t.hookUrl,
        t.createdAt,
      ],
    );
    return rows.length === 1;
  }
}

const toTemplate = (row: Row): ProvisioningTemplate => ({
  id: row.id,
  name: row.name,
  modelId: row.modelId,
  parameters: row.parameters,
  thingNamePattern: row.thingNamePattern,
  deviceConfiguration: row.deviceConfiguration,
  hookUrl: row.hookUrl ?? null,
  createdAt: row.createdAt,
});
