import type { Fault } from '@throughline/kernel';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { isRecord, unstorable } from './storable.js';

/** A JSON schema (draft 7) that passed `schemaFaults`. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export const MAX_SCHEMA_BYTES = 16 * 1024;
export const MAX_SCHEMA_DEPTH = 12;
/** Objects and arrays of a schema with every local reference written out: bounds compiling and checking. */
export const MAX_SCHEMA_NODES = 1_000;
const MAX_FAULTS = 20;

/**
 * Keywords that are not taken: names that reach out of the schema, and expressions whose time to match no length of text
 * bounds. Names of a closed set are said by `enum` and `const`.
 */
const refused: readonly string[] = [
  '$id',
  'id',
  '$anchor',
  '$dynamicRef',
  '$dynamicAnchor',
  '$recursiveRef',
  '$recursiveAnchor',
  '$async',
  '$data',
  'pattern',
  'patternProperties',
  'uniqueItems',
];
/** Below these every key is a name that the schema's author chose, not a keyword. */
const named: readonly string[] = ['properties', '$defs', 'definitions', 'dependencies'];
/** What is below these is a value, not a schema. */
const values: readonly string[] = ['enum', 'const', 'default', 'examples'];

const DRAFT_7 = /^https?:\/\/json-schema\.org\/draft-07\/schema#?$/;

/** Every fault of a schema that is to be kept; what passes compiles. `field` is how faults name it. */
export function schemaFaults(field: string, schema: unknown): Fault[] {
  const fault = (at: string, value: unknown, rule: string): Fault => ({ field: at, value, rule });
  if (!isRecord(schema)) return [fault(field, schema, 'must be a JSON object')];
  const bad = unstorable(schema);
  if (bad !== undefined) return [fault(field, '…', `must not hold ${bad}`)];
  const bytes = Buffer.byteLength(JSON.stringify(schema));
  if (bytes > MAX_SCHEMA_BYTES) return [fault(field, bytes, `must have at most ${MAX_SCHEMA_BYTES} bytes`)];
  if (depthOf(schema) > MAX_SCHEMA_DEPTH)
    return [fault(field, depthOf(schema), `must nest at most ${MAX_SCHEMA_DEPTH} levels`)];
  const faults = keywordFaults(field, schema);
  if (schema.type !== 'object') faults.push(fault(`${field}.type`, schema.type, 'must be "object"'));
  if (schema.$schema !== undefined && !DRAFT_7.test(String(schema.$schema)))
    faults.push(
      fault(`${field}.$schema`, schema.$schema, 'must be draft 7: "http://json-schema.org/draft-07/schema#"'),
    );
  if (faults.length > 0) return faults.slice(0, MAX_FAULTS);
  const nodes = expandedNodes(schema);
  if (typeof nodes === 'string')
    return [fault(field, nodes, 'must refer to parts of its own that exist, not in a circle')];
  if (nodes > MAX_SCHEMA_NODES)
    return [fault(field, nodes, `must have at most ${MAX_SCHEMA_NODES} parts, each reference written out`)];
  try {
    compileSchema(schema);
    return [];
  } catch (error) {
    // Ajv says in its own words which keyword or value it does not know.
    return [fault(field, '…', `must be a JSON schema: ${error instanceof Error ? error.message : String(error)}`)];
  }
}

function keywordFaults(field: string, node: unknown): Fault[] {
  if (Array.isArray(node)) return node.flatMap((item, i) => keywordFaults(`${field}[${i}]`, item));
  if (!isRecord(node)) return [];
  return Object.entries(node).flatMap(([key, value]) => {
    const at = `${field}.${key}`;
    if (refused.includes(key)) return [{ field: at, value, rule: 'is not taken here' }];
    if (key === '$ref')
      return typeof value === 'string' && value.startsWith('#/')
        ? []
        : [{ field: at, value, rule: 'must lead to a part of this schema: "#/$defs/…"' }];
    if (values.includes(key)) return [];
    if (named.includes(key) && isRecord(value))
      return Object.entries(value).flatMap(([name, part]) => keywordFaults(`${at}.${name}`, part));
    return keywordFaults(at, value);
  });
}

/** Parts of the schema with references written out, or the reference that leads nowhere or in a circle. */
function expandedNodes(root: Readonly<Record<string, unknown>>): number | string {
  const known = new Map<string, number>();
  const open = new Set<string>();
  const count = (node: unknown): number => {
    if (typeof node !== 'object' || node === null) return 0;
    let sum = 1;
    for (const [key, value] of Object.entries(node)) {
      if (key === '$ref' && typeof value === 'string') sum += countRef(value);
      else sum += count(value);
      if (sum > MAX_SCHEMA_NODES) break;
    }
    return sum;
  };
  const countRef = (ref: string): number => {
    const before = known.get(ref);
    if (before !== undefined) return before;
    const target = pointed(root, ref);
    if (target === undefined || open.has(ref)) throw new BadReference(ref);
    open.add(ref);
    const sum = count(target);
    open.delete(ref);
    known.set(ref, sum);
    return sum;
  };
  try {
    return count(root);
  } catch (error) {
    if (error instanceof BadReference) return error.message;
    throw error;
  }
}

class BadReference extends Error {}

function pointed(root: unknown, ref: string): unknown {
  let node = root;
  for (const step of ref.slice(2).split('/')) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined;
    node = (node as Record<string, unknown>)[key];
  }
  return node;
}

function depthOf(node: unknown): number {
  if (typeof node !== 'object' || node === null) return 0;
  return 1 + Math.max(0, ...Object.values(node).map(depthOf));
}

/** @throws Error of Ajv for what is no schema. A validator of its own each time: nothing is registered by name. */
export const compileSchema = (schema: JsonSchema): ValidateFunction =>
  new Ajv({
    strict: true,
    strictRequired: false,
    allErrors: true,
    allowUnionTypes: true,
    ownProperties: true,
    inlineRefs: false,
    logger: false,
  }).compile(schema);

/** Every fault of a value under a compiled schema, at most 20; `field` is the name of the whole value. */
export function valueFaults(field: string, validate: ValidateFunction, value: unknown): Fault[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).slice(0, MAX_FAULTS).map((error) => ({
    field: `${field}${pathOf(error)}`,
    value: at(value, error.instancePath),
    rule: ruleOf(error),
  }));
}

const steps = (path: string): string[] =>
  path === ''
    ? []
    : path
        .slice(1)
        .split('/')
        .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

/** As the fields of other inputs are written: `arguments.list[2].name`. A missing or foreign property is named itself. */
function pathOf({ instancePath, keyword, params }: ErrorObject): string {
  const path = steps(instancePath).map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`));
  const about =
    keyword === 'required' ? params.missingProperty : keyword === 'additionalProperties' && params.additionalProperty;
  return `${path.join('')}${typeof about === 'string' ? `.${about}` : ''}`;
}

function ruleOf({ keyword, params, message }: ErrorObject): string {
  if (keyword === 'required') return 'is required';
  if (keyword === 'additionalProperties') return 'is not a property of it';
  if (keyword === 'enum') return `must be one of ${JSON.stringify(params.allowedValues)}`;
  if (keyword === 'const') return `must be ${JSON.stringify(params.allowedValue)}`;
  return message ?? keyword;
}

function at(value: unknown, path: string): unknown {
  let node = value;
  for (const step of steps(path)) node = isRecord(node) || Array.isArray(node) ? Reflect.get(node, step) : undefined;
  return node;
}
