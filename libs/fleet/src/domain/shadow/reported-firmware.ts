import { isObject, own } from './json.js';
import type { ShadowUpdate } from './request.js';

const MAX_VERSION = 100;

/** The version that an update of the classic shadow reports as `firmware.version` or `firmwareVersion`; undefined without a usable one. */
export function reportedFirmware(name: string, { state }: ShadowUpdate): string | undefined {
  const reported = state?.reported ?? undefined;
  if (name !== '' || reported === undefined) return undefined;
  const firmware = own(reported, 'firmware');
  const version = isObject(firmware) ? own(firmware, 'version') : own(reported, 'firmwareVersion');
  if (typeof version !== 'string' || version.length > MAX_VERSION || /\p{Cc}/u.test(version)) return undefined;
  return version.trim() || undefined;
}
