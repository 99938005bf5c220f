import { deltaOf } from './delta.js';
import { isObject, type Json, type JsonObject } from './json.js';
import { stamped } from './merge.js';
import type { ShadowRefusal } from './refusal.js';
import type { ShadowUpdate } from './request.js';
import type { Shadow } from './shadow.js';
import { shadowTopic } from './topics.js';

/** A message to whoever subscribed to its topic. */
export interface ShadowMessage {
  readonly topic: string;
  readonly payload: string;
}

/** Which shadow a message is about and what each one carries. `timestamp`: epoch seconds. */
export interface MessageFrame {
  readonly thingName: string;
  readonly name: string;
  readonly timestamp: number;
  readonly clientToken?: string | undefined;
}

const message = (frame: MessageFrame, rest: string, body: JsonObject): ShadowMessage => ({
  topic: shadowTopic(frame.thingName, frame.name, rest),
  payload: JSON.stringify({
    ...body,
    timestamp: frame.timestamp,
    ...(frame.clientToken === undefined ? {} : { clientToken: frame.clientToken }),
  }),
});

type Part = 'state' | 'metadata';

/** Both sections as far as there are. */
const partOf = ({ desired, reported }: Shadow, part: Part): JsonObject => ({
  ...(desired ? { desired: desired[part] } : {}),
  ...(reported ? { reported: reported[part] } : {}),
});

const document = (shadow: Shadow): JsonObject => ({
  state: partOf(shadow, 'state'),
  metadata: partOf(shadow, 'metadata'),
  version: shadow.version,
});

export function getAccepted(frame: MessageFrame, shadow: Shadow): ShadowMessage {
  const delta = deltaOf(shadow.desired, shadow.reported);
  const withDelta = (part: Part): JsonObject => ({
    ...partOf(shadow, part),
    ...(delta ? { delta: delta[part] } : {}),
  });
  return message(frame, 'get/accepted', {
    state: withDelta('state'),
    metadata: withDelta('metadata'),
    version: shadow.version,
  });
}

/** After an accepted update, in this order: delta (if something differs), documents, accepted. */
export function updateMessages(
  frame: MessageFrame,
  update: ShadowUpdate,
  previous: Shadow | undefined,
  current: Shadow,
): ShadowMessage[] {
  const { version } = current;
  const delta = deltaOf(current.desired, current.reported);
  const asked = update.state as Json;
  return [
    ...(delta ? [message(frame, 'update/delta', { version, state: delta.state, metadata: delta.metadata })] : []),
    message(frame, 'update/documents', {
      ...(previous ? { previous: document(previous) } : {}),
      current: document(current),
    }),
    message(frame, 'update/accepted', {
      state: asked,
      metadata: isObject(asked) ? stamped(asked, frame.timestamp) : {},
      version,
    }),
  ];
}

export const deleteAccepted = (frame: MessageFrame, version: number): ShadowMessage =>
  message(frame, 'delete/accepted', { version });

/** To the request's own topic, whatever it was. */
export const rejected = (
  topic: string,
  { code, message: text }: ShadowRefusal,
  timestamp: number,
  clientToken: string | undefined,
): ShadowMessage => ({
  topic: `${topic}/rejected`,
  payload: JSON.stringify({
    code,
    message: text,
    timestamp,
    ...(clientToken === undefined ? {} : { clientToken }),
  }),
});
