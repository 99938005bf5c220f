/** Bytes a payload may have: AWS IoT Core's limit. */
export const MAX_PAYLOAD_BYTES = 128 * 1024;
/** Nesting of arrays and objects in a payload. */
export const MAX_DEPTH = 8;
/** Messages in one array. */
export const MAX_ARRAY = 1_000;
/** `boot` is stored as a 32-bit integer. */
export const MAX_BOOT = 2_147_483_647;
/** Nothing we speak with existed before: an earlier event time is an unset clock. */
export const EARLIEST_TS = Date.UTC(2015, 0, 1);
/** How far a device's clock may run ahead of ours. */
export const MAX_AHEAD_MS = 5 * 60_000;
/** Bytes kept of a payload that was too large. */
export const KEPT_OF_TOO_LARGE = 4 * 1024;
