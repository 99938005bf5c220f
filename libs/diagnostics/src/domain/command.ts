import { type Fault, invalid } from '@throughline/kernel';
import { type JsonSchema, schemaFaults } from './json-schema.js';

/**
 * What is sent: `named` is `{"command": name, "arguments": {…}}`, for devices that know several commands; `arguments` is the
 * arguments alone, for a device that was written for one.
 */
export const payloadForms = ['named', 'arguments'] as const;
export type PayloadForm = (typeof payloadForms)[number];

/** A command as a model's catalogue describes it. */
export interface CommandInput {
  /** "run-self-test" */
  readonly name: string;
  readonly title: string;
  readonly argumentsSchema: JsonSchema;
  /** Of the result: each value of it is text, a boolean or (bytes) base64 text. */
  readonly resultSchema: JsonSchema;
  /** From sending to the last answer. Seconds, 1 to 43,200 as AWS IoT has it. */
  readonly timeoutSeconds: number;
  /** How long it waits for a device that is not connected. Seconds. */
  readonly expirySeconds: number;
  readonly payload: PayloadForm;
}

/** One version of it; a version never changes. */
export interface CommandDefinition extends CommandInput {
  readonly id: string;
  readonly modelId: string;
  readonly version: number;
  readonly createdAt: Date;
}

export const MAX_TIMEOUT_SECONDS = 43_200;
export const MAX_EXPIRY_SECONDS = 30 * 86_400;

const nameRule = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const MAX_NAME = 64;
const MAX_TITLE = 200;

/** The checked command; throws one INVALID_INPUT that lists every fault. */
export function checkedCommand(input: CommandInput): CommandInput {
  const faults: Fault[] = [];
  const check = (ok: boolean, field: string, value: unknown, rule: string): void => {
    if (!ok) faults.push({ field, value, rule });
  };
  check(
    typeof input.name === 'string' && nameRule.test(input.name) && input.name.length <= MAX_NAME,
    'name',
    input.name,
    `must be 1 to ${MAX_NAME} small letters and digits, a letter first, with single dashes between`,
  );
  check(
    typeof input.title === 'string' &&
      input.title.trim().length > 0 &&
      input.title.length <= MAX_TITLE &&
      !/\p{Cc}/u.test(input.title),
    'title',
    input.title,
    `must be 1 to ${MAX_TITLE} characters without line breaks`,
  );
  check(payloadForms.includes(input.payload), 'payload', input.payload, `must be one of ${payloadForms.join(', ')}`);
  faults.push(
    ...secondsFaults('timeoutSeconds', input.timeoutSeconds, MAX_TIMEOUT_SECONDS),
    ...secondsFaults('expirySeconds', input.expirySeconds, MAX_EXPIRY_SECONDS),
    ...schemaFaults('argumentsSchema', input.argumentsSchema),
    ...schemaFaults('resultSchema', input.resultSchema),
  );
  if (faults.length > 0) throw invalid(...faults);
  const { name, argumentsSchema, resultSchema, timeoutSeconds, expirySeconds, payload } = input;
  return { name, title: input.title.trim(), argumentsSchema, resultSchema, timeoutSeconds, expirySeconds, payload };
}

export const secondsFaults = (field: string, value: number, max: number): Fault[] =>
  Number.isInteger(value) && value >= 1 && value <= max
    ? []
    : [{ field, value, rule: `must be whole seconds from 1 to ${max}` }];

/** The document that goes to the device. */
export const payloadOf = ({ payload, name }: CommandInput, args: unknown): string =>
  JSON.stringify(payload === 'named' ? { command: name, arguments: args } : args);
