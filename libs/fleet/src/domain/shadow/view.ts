import { deltaOf } from './delta.js';
import type { JsonObject } from './json.js';
import type { Shadow } from './shadow.js';

/** A shadow as people and programs of the API see it. */
export interface ShadowView {
  readonly deviceId: string;
  /** '' is the classic shadow. */
  readonly name: string;
  readonly version: number;
  readonly desired: JsonObject | null;
  readonly reported: JsonObject | null;
  /** What is desired and not reported so. */
  readonly delta: JsonObject | null;
  /** `{desired?, reported?}`, each leaf being `{timestamp}` in epoch seconds. */
  readonly metadata: JsonObject;
  readonly updatedAt: Date;
}

export function viewOf(key: { deviceId: string; name: string }, shadow: Shadow, updatedAt: Date): ShadowView {
  const { desired, reported, version } = shadow;
  return {
    deviceId: key.deviceId,
    name: key.name,
    version,
    desired: desired?.state ?? null,
    reported: reported?.state ?? null,
    delta: deltaOf(desired, reported)?.state ?? null,
    metadata: {
      ...(desired ? { desired: desired.metadata } : {}),
      ...(reported ? { reported: reported.metadata } : {}),
    },
    updatedAt,
  };
}
