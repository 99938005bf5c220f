/**
 * What a field's values are.
 * - `name`: compared as it is. `text`: compared without regard to case; ranges go by the characters.
 * - `version`: as text, but ranges compare runs of digits as numbers, so 1.10 comes after 1.9.
 * - `boolean`: true or false. `instant`: ms since the epoch or RFC 3339. `seconds`: a number.
 * - `any`: of a document, text, number, true or false; a range of two numbers looks at numbers, another one at texts.
 */
export type FieldKind = 'name' | 'text' | 'version' | 'boolean' | 'instant' | 'seconds' | 'any';

export const fixedFields = {
  thingName: 'name',
  model: 'text',
  state: 'text',
  firmware: 'version',
  'customer.name': 'text',
  'site.name': 'text',
  'asset.name': 'text',
  'asset.serialNumber': 'text',
  'asset.location': 'text',
  'installation.loan': 'boolean',
  'aws.problem': 'text',
  'connectivity.connected': 'boolean',
  'connectivity.timestamp': 'instant',
  'connectivity.disconnectedFor': 'seconds',
} as const satisfies Record<string, FieldKind>;

export type FixedField = keyof typeof fixedFields;

/** Fields whose names go on: a tag's key, a path into a shadow document. */
export const openFields = [
  'tags.KEY',
  'shadow.reported.PATH',
  'shadow.desired.PATH',
  'shadow.name.NAME.reported.PATH',
  'shadow.name.NAME.desired.PATH',
] as const;

const open = /^(tags|shadow\.(reported|desired)|shadow\.name\.[a-zA-Z0-9:_-]{1,64}\.(reported|desired))\../s;

/** Characters of a field's name; longer paths of documents are not searched. */
export const MAX_FIELD = 200;

/** The kind of a field's values, or undefined when there is no such field. */
export function fieldKind(field: string): FieldKind | undefined {
  if (Object.hasOwn(fixedFields, field)) return fixedFields[field as FixedField];
  if (field.length > MAX_FIELD || !open.test(field)) return undefined;
  return field.startsWith('tags.') ? 'text' : 'any';
}
