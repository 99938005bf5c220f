import type { RequestScope } from '@throughline/identity';
import { DomainError, invalid, notFound } from '@throughline/kernel';
import type { ShadowAuthor } from '../../domain/shadow/author.js';
import { ShadowRefusal } from '../../domain/shadow/refusal.js';
import { isShadowName } from '../../domain/shadow/topics.js';

/** The shadow that a caller of the API means: the device by id or by thing name. */
export interface ShadowTarget {
  readonly deviceId?: string | undefined;
  readonly thingName?: string | undefined;
  /** '' (or nothing) is the classic shadow. */
  readonly name?: string | undefined;
}

/** Errors: INVALID_INPUT unless exactly one of the device's names is given and the shadow's name is one. */
export function checkedTarget({ deviceId, thingName, name = '' }: ShadowTarget) {
  if ((deviceId === undefined) === (thingName === undefined))
    throw invalid({ field: 'deviceId', value: deviceId, rule: 'must be given, or thingName, and not both' });
  if (!isShadowName(name))
    throw invalid({ field: 'name', value: name, rule: 'must be empty or 1 to 64 of the characters a-z A-Z 0-9 : _ -' });
  const by = deviceId === undefined ? { thingName: thingName ?? '' } : { deviceId };
  return { by, name };
}

export const authorOf = ({ actor }: RequestScope): ShadowAuthor => ({
  kind: actor.kind,
  id: actor.id,
  name: actor.name.slice(0, 320),
});

/** Runs a change; a refusal that a device would hear as a code becomes an error of the API. */
export async function forApi<T>(target: ShadowTarget, change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof ShadowRefusal)) throw error;
    const { code, message } = error;
    const shown = target.name || (target.thingName ?? target.deviceId ?? '');
    if (code === 404) throw notFound('shadow', shown);
    if (code === 409)
      throw new DomainError('STATE_CONFLICT', `shadow "${shown}" has another version: read it again`, [], {
        cause: error,
      });
    throw new DomainError('INVALID_INPUT', message, [], { cause: error });
  }
}
