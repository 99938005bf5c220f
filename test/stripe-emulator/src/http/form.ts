import qs from 'qs';
import { invalid } from '../core/errors.js';

const LIMITS = { arrayLimit: 1000, depth: 8, parameterLimit: 50_000 };

/** Decodes `a[b][0]=c`, in brackets of any depth and with arrays by index or by `[]`; values stay text. */
export function decodeForm(text: string): Record<string, unknown> {
  if (text === '') return {};
  try {
    return qs.parse(text, { ...LIMITS, strictDepth: true, duplicates: 'last', throwOnLimitExceeded: true });
  } catch (error) {
    throw invalid(`Invalid request: ${error instanceof Error ? error.message : 'the body cannot be decoded'}`);
  }
}
