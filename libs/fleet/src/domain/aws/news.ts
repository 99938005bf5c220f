import { z } from 'zod';
import { isObject, type Json, type JsonObject } from '../shadow/json.js';
import { type Shadow } from '../shadow/shadow.js';

const whole = z.number().int();
const text = (max: number) => z.string().min(1).max(max);
const object = z.custom<JsonObject>((value) => isObject(value as Json), 'must be an object');
const sections = z.object({ desired: object.nullish(), reported: object.nullish() });

/** `$aws/events/presence/connected|disconnected/{clientId}` */
export const lifeCycleEvent = z.object({
  eventType: z.enum(['connected', 'disconnected']),
  clientId: text(128),
  timestamp: whole,
  sessionIdentifier: text(200),
  versionNumber: whole,
  ipAddress: z.string().max(64).optional(),
  disconnectReason: z.string().max(64).optional(),
});

/** What `GetThingShadow` answers, and `current` of `…/shadow/update/documents`. */
export const shadowDocument = z.object({
  state: sections,
  metadata: sections.default({}),
  version: whole.min(1),
});

export const documentsMessage = z.object({ current: shadowDocument });

/** `…/shadow/delete/accepted` */
export const deletedMessage = z.object({ version: whole.min(1) });

/** `$aws/events/jobExecution/{jobId}/{status}` */
export const executionEvent = z.object({ jobId: text(64), thingArn: z.string().regex(/:thing\/[^/]+$/) });

/** `$aws/events/job/{jobId}/{status}` */
export const jobEvent = z.object({ jobId: text(64) });

export const thingOfArn = (thingArn: string): string => thingArn.slice(thingArn.lastIndexOf('/') + 1);

export function toShadow({ state, metadata, version }: z.infer<typeof shadowDocument>): Shadow {
  const section = (name: 'desired' | 'reported') =>
    state[name] ? { [name]: { state: state[name], metadata: metadata[name] ?? {} } } : {};
  return { ...section('desired'), ...section('reported'), version };
}
