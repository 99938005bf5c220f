import { type Fault, invalid } from '@throughline/kernel';
import { isThingName } from '../thing-name.js';
import { ProvisioningRefusal } from './refusal.js';

/** Values by parameter name. */
export type Parameters = Readonly<Record<string, string>>;

export interface ProvisioningTemplate {
  readonly id: string;
  readonly name: string;
  readonly modelId: string;
  /** Name → default; null where the board must say it. */
  readonly parameters: Readonly<Record<string, string | null>>;
  /** `compressor-${SerialNumber}` */
  readonly thingNamePattern: string;
  /** Told to the board when it has become a device. */
  readonly deviceConfiguration: Parameters;
  /** Asked before anything is made. */
  readonly hookUrl: string | null;
  readonly createdAt: Date;
}

export type TemplateInput = Pick<
  ProvisioningTemplate,
  'name' | 'parameters' | 'thingNamePattern' | 'deviceConfiguration' | 'hookUrl'
>;

/** Parameter by which a batch's list of serial numbers is checked. */
export const SERIAL_PARAMETER = 'SerialNumber';
/** Parameters that need no declaration begin with it, as at AWS IoT: `AWS::IoT::Certificate::Id`, and of a CA's devices the subject. */
export const IMPLICIT_PREFIX = 'AWS::IoT::Certificate::';

const MAX_PARAMETERS = 20;
const MAX_VALUE = 256;
/** Parameters a board may send, declared or not. */
const MAX_SENT = 50;
const nameRule = /^[0-9A-Za-z_-]{1,36}$/;
const parameterRule = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const placeholder = /\$\{([^${}]*)\}/g;

export const isTemplateName = (text: unknown): text is string => typeof text === 'string' && nameRule.test(text);

const isValue = (text: unknown, min = 0): text is string =>
  typeof text === 'string' && text.length >= min && text.length <= MAX_VALUE && !/\p{Cc}/u.test(text);

/** The checked template; throws one INVALID_INPUT that lists every fault. */
export function checkedTemplate(input: TemplateInput): TemplateInput {
  const { name, parameters, thingNamePattern, deviceConfiguration, hookUrl } = input;
  const faults: Fault[] = [];
  const check = (ok: boolean, field: string, value: unknown, rule: string): void => {
    if (!ok) faults.push({ field, value, rule });
  };
  check(isTemplateName(name), 'name', name, 'must be 1 to 36 letters, digits, dashes and underscores');
  const entries = Object.entries(parameters);
  check(entries.length <= MAX_PARAMETERS, 'parameters', entries.length, `must be at most ${MAX_PARAMETERS}`);
  for (const [parameter, value] of entries) {
    const field = `parameters.${parameter}`;
    check(parameterRule.test(parameter), field, parameter, 'must be named by 1 to 64 letters, digits and underscores');
    check(value === null || isValue(value), field, value, `must have a default of at most ${MAX_VALUE} characters`);
  }
  for (const [key, value] of Object.entries(deviceConfiguration))
    check(
      isValue(key, 1) && isValue(value),
      `deviceConfiguration.${key}`,
      value,
      `must be a text of at most ${MAX_VALUE} characters`,
    );
  check(
    Object.keys(deviceConfiguration).length <= MAX_PARAMETERS,
    'deviceConfiguration',
    Object.keys(deviceConfiguration).length,
    `must have at most ${MAX_PARAMETERS} entries`,
  );
  check(
    hookUrl === null || isHttpUrl(hookUrl),
    'hookUrl',
    hookUrl,
    'must be an https:// or http:// URL of at most 500 characters',
  );
  faults.push(...patternFaults(thingNamePattern, parameters));
  if (faults.length > 0) throw invalid(...faults);
  return {
    name,
    parameters: { ...parameters },
    thingNamePattern,
    deviceConfiguration: { ...deviceConfiguration },
    hookUrl,
  };
}

/**
 * Values of the template's parameters for what a board (or a certificate's subject) says: its defaults where it says
 * nothing. `implicit`: what we know ourselves, named with `IMPLICIT_PREFIX`. What the template does not declare is passed on to
 * the hook alone. Throws InvalidParameters.
 */
export function resolvedParameters(
  template: Pick<TemplateInput, 'parameters'>,
  given: Parameters,
  implicit: Parameters = {},
): Parameters {
  const values: Record<string, string> = {};
  const sent = Object.entries(given);
  if (sent.length > MAX_SENT)
    throw new ProvisioningRefusal('InvalidParameters', `at most ${MAX_SENT} parameters may be sent`);
  for (const [name, value] of sent)
    if (!isValue(value))
      throw new ProvisioningRefusal(
        'InvalidParameters',
        `${name.slice(0, 64)} must be a text of at most ${MAX_VALUE} characters without line breaks`,
      );
  for (const [name, fallback] of Object.entries(template.parameters)) {
    const value = (Object.hasOwn(given, name) ? given[name] : undefined) ?? fallback;
    if (value === null) throw new ProvisioningRefusal('InvalidParameters', `parameter ${name} is missing`);
    values[name] = value;
  }
  return { ...values, ...implicit };
}

/** Throws InvalidParameters when the values make no thing name. */
export function thingNameOf({ thingNamePattern }: Pick<TemplateInput, 'thingNamePattern'>, values: Parameters): string {
  const missing: string[] = [];
  const name = thingNamePattern.replaceAll(placeholder, (_, parameter: string) => {
    const value = Object.hasOwn(values, parameter) ? values[parameter] : undefined;
    if (!value) missing.push(parameter);
    return value ?? '';
  });
  if (missing.length > 0)
    throw new ProvisioningRefusal('InvalidParameters', `the thing name needs ${missing.join(', ')}`);
  if (isThingName(name)) return name;
  throw new ProvisioningRefusal(
    'InvalidParameters',
    `the thing name would be "${String(name).slice(0, 140)}", which must be 1 to 128 of the characters a-z A-Z 0-9 : _ -`,
  );
}

function patternFaults(pattern: string, parameters: TemplateInput['parameters']): Fault[] {
  const field = 'thingNamePattern';
  const names = [...pattern.matchAll(placeholder)].map((match) => match[1] ?? '');
  const literal = pattern.replaceAll(placeholder, '');
  if (pattern.length > 256 || !/^[a-zA-Z0-9:_-]*$/.test(literal))
    return [{ field, value: pattern, rule: 'must be of a-z A-Z 0-9 : _ - and ${parameters}, at most 256 characters' }];
  if (names.length === 0)
    return [{ field, value: pattern, rule: 'must hold a ${parameter}, else all would be one thing' }];
  return names
    .filter((name) => !Object.hasOwn(parameters, name) && !name.startsWith(IMPLICIT_PREFIX))
    .map((name) => ({ field, value: name, rule: 'must be one of the parameters' }));
}

const isHttpUrl = (text: string): boolean =>
  text.length <= 500 && URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);
