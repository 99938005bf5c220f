import { Field, InputType } from '@nestjs/graphql';
import { invalid } from '@throughline/kernel';
import type { DataScope } from '@throughline/platform';
import type { ResolveTargets } from '../../application/resolve-targets.js';

@InputType('DeviceTargetInput', { description: 'Devices of all that is given, as they are now; at least one must be' })
export class DeviceTargetInput {
  @Field(() => [String], { nullable: true, description: 'Thing names, at most 1000' })
  things?: string[] | null;

  @Field(() => String, { nullable: true, description: 'Id or name of a group' })
  group?: string | null;

  @Field(() => String, { nullable: true, description: 'In the language of searchDevices' })
  query?: string | null;
}

/** A list of devices under an argument of its own, which stands for a target. */
export interface DeviceList {
  readonly field: string;
  readonly ids: readonly string[] | null | undefined;
}

/** Ids of the devices of a target, or of the list that stands for it. Errors: INVALID_INPUT unless one of both is given; those of ResolveTargets. */
export async function devicesMeant(
  resolve: ResolveTargets,
  scope: DataScope,
  target: DeviceTargetInput | null | undefined,
  { field, ids }: DeviceList,
): Promise<readonly string[]> {
  if ((target == null) === (ids == null))
    throw invalid({ field: 'target', value: target, rule: `must be given, or else ${field}` });
  return target == null ? (ids ?? []) : resolve.run(scope, target);
}

const MAX_LABEL = 200;

/** A target in words. */
export function labelOf({ things, group, query }: DeviceTargetInput): string {
  const parts = [
    things == null ? '' : things.length === 1 ? (things[0] ?? '') : `${things.length} devices`,
    group == null ? '' : `group ${group}`,
    query == null ? '' : `query ${query}`,
  ];
  return parts
    .filter((part) => part !== '')
    .join(', ')
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, MAX_LABEL);
}
