/** Which bytes of a file an answer holds, RFC 9110 section 14. `to` is the last byte. */
export type Answer =
  | { readonly status: 200 }
  | { readonly status: 206; readonly from: number; readonly to: number }
  | { readonly status: 304 }
  | { readonly status: 416 };

export interface Conditions {
  readonly range?: string | undefined;
  readonly ifRange?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

const ONE_RANGE = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/i;

/**
 * What is answered for a file of `length` bytes. A range that is not understood, or several, are answered with the whole file,
 * as the standard allows; so is a range whose `If-Range` names another file.
 */
export function answerFor({ range, ifRange, ifNoneMatch }: Conditions, etag: string, length: number): Answer {
  if (ifNoneMatch !== undefined && names(ifNoneMatch, etag)) return { status: 304 };
  if (range === undefined || (ifRange !== undefined && ifRange.trim() !== etag)) return { status: 200 };
  const [, first = '', last = ''] = ONE_RANGE.exec(range) ?? [];
  if (first === '' && last === '') return { status: 200 };
  if (first === '') {
    const suffix = Math.min(Number(last), length);
    return suffix === 0 ? { status: 416 } : { status: 206, from: length - suffix, to: length - 1 };
  }
  const from = Number(first);
  const to = last === '' ? length - 1 : Math.min(Number(last), length - 1);
  if (last !== '' && Number(last) < from) return { status: 200 };
  return from >= length ? { status: 416 } : { status: 206, from, to };
}

const names = (header: string, etag: string): boolean =>
  header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
