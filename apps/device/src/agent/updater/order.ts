/** Files that are longer are not begun: the controller has no room for them. */
export const MAX_IMAGE_BYTES = 256 * 1024 * 1024;

/** An update as it was ordered by a job. */
export interface Order {
  readonly jobId: string;
  readonly executionNumber: number;
  readonly version: string;
  readonly counter: number;
  /** For which hardware the artefact is; null when the job does not say. */
  readonly hardware: string | null;
  /** Lasts for a while only; a fresh one comes with the job. */
  readonly url: string;
  /** Bytes. */
  readonly length: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** A job execution as the service gives it. */
export interface Execution {
  readonly jobId: string;
  readonly executionNumber: number;
  readonly document: Readonly<Record<string, unknown>>;
}

export const isUpdate = ({ document }: Execution): boolean => document.operation === 'update';

/** The order in an update's document, or what is wrong with it. */
export function orderFrom({ jobId, executionNumber, document }: Execution): Order | { readonly fault: string } {
  const { version, counter } = objectOf(document.release);
  const { url, length, sha256, hardware = null } = objectOf(document.artefact);
  if (typeof version !== 'string' || version === '') return { fault: 'release.version is missing' };
  if (!isWhole(counter, 1)) return { fault: 'release.counter is no whole number' };
  if (typeof url !== 'string' || !isWebAddress(url)) return { fault: 'artefact.url is no http or https address' };
  if (!isWhole(length, 1) || length > MAX_IMAGE_BYTES)
    return { fault: `artefact.length must be 1 to ${MAX_IMAGE_BYTES} bytes` };
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return { fault: 'artefact.sha256 is none' };
  if (hardware !== null && typeof hardware !== 'string') return { fault: 'artefact.hardware is no text' };
  return { jobId, executionNumber, version, counter, hardware, url, length, sha256 };
}

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const isWhole = (value: unknown, min: number): value is number => Number.isSafeInteger(value) && Number(value) >= min;

const isWebAddress = (text: string): boolean =>
  URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);
