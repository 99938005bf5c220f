import { isObject, type Json, type JsonObject, own } from './json.js';
import { checkSection, checkSize, invalidNode, MAX_TOKEN_BYTES } from './limits.js';
import { ShadowRefusal, type ShadowRefusalReason } from './refusal.js';

/** A section's patch: keys to write, `null` for those to delete; `null` for the whole deletes the section. */
export type Patch = JsonObject | null;

/** Checked. */
export interface ShadowUpdate {
  /** null clears both sections. */
  readonly state: { readonly desired?: Patch; readonly reported?: Patch } | null;
  /** The version the sender believes is current. */
  readonly version?: number;
  readonly clientToken?: string;
}

/** Reads the payload of an update. Fields it does not know are ignored. @throws ShadowRefusal */
export function parseUpdate(payload: Buffer): ShadowUpdate {
  const body = objectOf(payload);
  const clientToken = checkedToken(body);
  const version = checkedVersion(own(body, 'version'));
  const given = own(body, 'state');
  if (given === undefined) throw new ShadowRefusal('missingState');
  return {
    state: given === null ? null : checkedState(given),
    ...(version === undefined ? {} : { version }),
    ...(clientToken === undefined ? {} : { clientToken }),
  };
}

/** The token of a get or a delete, whose other content does not matter; its payload may be empty. @throws ShadowRefusal */
export function parseTokenOnly(payload: Buffer): string | undefined {
  return payload.length === 0 ? undefined : checkedToken(objectOf(payload));
}

/** The token to echo to a request that may be faulty: undefined when there is none that could be. */
export function tokenToEcho(payload: Buffer): string | undefined {
  try {
    const token = own(objectOf(payload), 'clientToken');
    return typeof token === 'string' ? token : undefined;
  } catch (error) {
    if (error instanceof ShadowRefusal) return undefined;
    throw error;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function objectOf(payload: Buffer): JsonObject {
  let text: string;
  try {
    text = utf8.decode(payload);
  } catch {
    throw new ShadowRefusal('notUtf8');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ShadowRefusal('invalidJson');
  }
  if (!isObject(value)) throw new ShadowRefusal('invalidJson');
  return value;
}

function checkedToken(body: JsonObject): string | undefined {
  const token = own(body, 'clientToken') ?? undefined;
  if (token === undefined) return undefined;
  if (typeof token !== 'string' || Buffer.byteLength(token) > MAX_TOKEN_BYTES) throw new ShadowRefusal('invalidToken');
  return token;
}

function checkedVersion(version: Json | undefined): number | undefined {
  if (version === undefined || version === null) return undefined;
  if (!Number.isSafeInteger(version) || Number(version) < 1) throw new ShadowRefusal('invalidVersion');
  return Number(version);
}

/** A `delta` that a client sends back is dropped; any other key beside the sections is a mistake. */
function checkedState(state: Json): { desired?: Patch; reported?: Patch } {
  if (!isObject(state)) throw new ShadowRefusal('stateNotObject');
  const foreign = Object.keys(state).find((key) => key !== 'desired' && key !== 'reported' && key !== 'delta');
  if (foreign !== undefined) throw invalidNode(foreign);
  const desired = checkedPatch(own(state, 'desired'), 'desiredNotObject');
  const reported = checkedPatch(own(state, 'reported'), 'reportedNotObject');
  checkSize(desired, reported);
  return { ...(desired === undefined ? {} : { desired }), ...(reported === undefined ? {} : { reported }) };
}

export function checkedPatch(patch: Json | undefined, otherwise: ShadowRefusalReason): Patch | undefined {
  if (patch === undefined || patch === null) return patch;
  if (!isObject(patch)) throw new ShadowRefusal(otherwise);
  checkSection(patch);
  return patch;
}
