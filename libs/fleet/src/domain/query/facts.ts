import type { FixedField } from './fields.js';
import { folded, numberKey, wordSuffixes } from './values.js';

/** Desired and reported sections of one shadow. */
export interface ShadowDocument {
  readonly desired?: unknown;
  readonly reported?: unknown;
}

/** What a query can ask about a device. */
export interface DeviceFacts {
  readonly thingName: string;
  readonly model: string;
  readonly state: string;
  readonly firmware: string | null;
  readonly customerName: string | null;
  readonly siteName: string | null;
  readonly assetName: string | null;
  readonly assetSerialNumber: string | null;
  readonly assetLocation: string | null;
  /** Whether the running installation is a loan; null when there is none. */
  readonly loan: boolean | null;
  /** In AWS mode: why AWS IoT does not have it as it is here. */
  readonly awsProblem?: string | null;
  readonly connected: boolean;
  /** When it last connected or disconnected, ms since the epoch; null: never. */
  readonly connectivityAt: number | null;
  readonly tags: Readonly<Record<string, string>>;
  /** Ids of the static groups it was added to. */
  readonly groupIds?: readonly string[];
  /** By name; the classic shadow has the empty name. */
  readonly shadows: Readonly<Record<string, ShadowDocument>>;
}

/** A value that a field of a document has. */
export type Leaf = string | number | boolean;

/** Values of one device's documents that are searched; what comes after them is not. */
export const MAX_LEAVES = 500;

/** Characters of AWS IoT's problem that are searched. */
const MAX_PROBLEM = 200;

/** Fields of text that the registry holds; missing ones are left out. */
export function registryTexts(facts: DeviceFacts): [FixedField, string][] {
  const all: [FixedField, string | null][] = [
    ['thingName', facts.thingName],
    ['model', facts.model],
    ['state', facts.state],
    ['firmware', facts.firmware],
    ['customer.name', facts.customerName],
    ['site.name', facts.siteName],
    ['asset.name', facts.assetName],
    ['asset.serialNumber', facts.assetSerialNumber],
    ['asset.location', facts.assetLocation],
    ['aws.problem', facts.awsProblem?.slice(0, MAX_PROBLEM) ?? null],
  ];
  return all.filter((entry): entry is [FixedField, string] => entry[1] !== null && entry[1] !== '');
}

/** The values that bare words look into. */
export const wordTexts = (facts: DeviceFacts): string[] =>
  [facts.thingName, facts.assetSerialNumber, facts.assetName, facts.customerName].filter((text) => text !== null);

/** Leaves of tags and shadow documents with their fields: objects are gone into, lists give each of their values. */
export function documentLeaves(facts: DeviceFacts): [string, Leaf][] {
  const found: [string, Leaf][] = [];
  for (const [key, value] of Object.entries(facts.tags)) found.push([`tags.${key}`, value]);
  for (const name of Object.keys(facts.shadows).sort()) {
    const place = name === '' ? 'shadow' : `shadow.name.${name}`;
    walk(`${place}.desired`, facts.shadows[name]?.desired, found);
    walk(`${place}.reported`, facts.shadows[name]?.reported, found);
  }
  return found.slice(0, MAX_LEAVES);
}

function walk(path: string, value: unknown, found: [string, Leaf][]): void {
  if (found.length >= MAX_LEAVES) return;
  if (Array.isArray(value)) for (const item of value) walk(path, item, found);
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) walk(`${path}.${key}`, item, found);
  else if (typeof value === 'string' || typeof value === 'boolean') found.push([path, value]);
  else if (typeof value === 'number' && Number.isFinite(value)) found.push([path, value]);
}

/** Between a field and its text, and between a field and its number: characters that neither has. */
export const TEXT = '\u0001';
export const NUMBER = '\u0002';

export const textTerm = (field: string, text: string): string => `${field}${TEXT}${folded(text)}`;
export const numberTerm = (field: string, value: number): string => `${field}${NUMBER}${numberKey(value)}`;
/** A word's term has no field. */
export const wordTerm = (foldedWord: string): string => `${TEXT}${foldedWord}`;

/** Field names are kept as they are, but for what terms cannot hold; longer ones are not searched. */
export const MAX_TERM_FIELD = 200;

/** Everything a device can be found by, as texts whose order is that of the values. Connectivity is in columns instead. */
export function termsOf(facts: DeviceFacts): string[] {
  const terms = new Set<string>();
  // The thing name is in a column.
  for (const [field, text] of registryTexts(facts)) if (field !== 'thingName') terms.add(textTerm(field, text));
  for (const text of wordTexts(facts)) for (const suffix of wordSuffixes(text)) terms.add(wordTerm(suffix));
  if (facts.loan !== null) terms.add(textTerm('installation.loan', String(facts.loan)));
  for (const [field, leaf] of documentLeaves(facts)) {
    if (!isSearchable(field)) continue;
    terms.add(typeof leaf === 'number' ? numberTerm(field, leaf) : textTerm(field, String(leaf)));
  }
  return [...terms];
}

/** A field that a term can hold: not too long, and without the characters that separate. */
export const isSearchable = (field: string): boolean =>
  field.length <= MAX_TERM_FIELD && !/\p{Cc}/u.test(field) && field.isWellFormed();
