import { Injectable } from '@nestjs/common';
import { Clock, DomainError, type Fault, invalid, newId } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { checkText } from '../domain/checks.js';
import { type DeviceGroup, groupLimits } from '../domain/device-group.js';
import { DeviceGroupStore } from '../storage/device-group.store.js';
import { ReadQuery } from './read-query.js';

export interface CreateDeviceGroupInput {
  readonly name: string;
  readonly description?: string | null;
  /** Makes it dynamic. */
  readonly query?: string | null;
}

@Injectable()
export class CreateDeviceGroup {
  constructor(
    private readonly database: Database,
    private readonly groups: DeviceGroupStore,
    private readonly queries: ReadQuery,
    private readonly clock: Clock,
  ) {}

  /** A dynamic group when a query is given, else a static one without members. Errors: INVALID_INPUT; CONFLICT for the name. */
  async run(scope: DataScope, input: CreateDeviceGroupInput): Promise<DeviceGroup> {
    const { name, description } = checkedTexts(input);
    const query = input.query?.trim() ? input.query.trim() : null;
    const now = this.clock.now();
    const kind = query === null ? 'static' : 'dynamic';
    const group: DeviceGroup = { id: newId(now.getTime()), name, kind, description, query, createdAt: now };
    await this.database.transaction(scope, async (em) => {
      if (query !== null) await this.queries.run(em, query);
      if ((await this.groups.count(em)) >= groupLimits.groups)
        throw new DomainError('CONFLICT', `there are ${groupLimits.groups} groups already: delete one first`);
      if (!(await this.groups.insert(em, group))) throw nameTaken(name);
    });
    return group;
  }
}

export const nameTaken = (name: string): DomainError =>
  new DomainError('CONFLICT', `a group named "${name}" is there already`);

export function checkedTexts(input: { name: string; description?: string | null }) {
  const faults: Fault[] = [];
  checkText(faults, 'name', input.name, 128);
  checkText(faults, 'description', input.description ?? '', 500, 0);
  if (faults.length > 0) throw invalid(...faults);
  return { name: input.name.trim(), description: (input.description ?? '').trim() };
}
