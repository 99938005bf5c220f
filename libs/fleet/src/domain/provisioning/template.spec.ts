import { DomainError } from '@throughline/kernel';
import fc from 'fast-check';
import { isThingName } from '../thing-name.js';
import { ProvisioningRefusal } from './refusal.js';
import { checkedTemplate, resolvedParameters, type TemplateInput, thingNameOf } from './template.js';

const template = (change: Partial<TemplateInput> = {}): TemplateInput => ({
  name: 'rx90',
  parameters: { SerialNumber: null, Line: 'A' },
  thingNamePattern: 'rx-${SerialNumber}-${Line}',
  deviceConfiguration: { interval: '60' },
  hookUrl: 'https://erp.example.com/hook',
  ...change,
});

const fields = (input: TemplateInput): string[] => {
  try {
    checkedTemplate(input);
    return [];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return error.faults.map((f) => f.field);
  }
};

describe('a template', () => {
  it.each<[string, Partial<TemplateInput>, string[]]>([
    ['as it should be', {}, []],
    ['without hook', { hookUrl: null }, []],
    ['named by the certificate', { thingNamePattern: '${AWS::IoT::Certificate::Id}' }, []],
    ['with a bad name', { name: 'rx/90' }, ['name']],
    ['with a name of wildcards', { name: '+' }, ['name']],
    ['with a bad parameter', { parameters: { SerialNumber: null, Line: 'A', 'a b': null } }, ['parameters.a b']],
    ['with a long default', { parameters: { SerialNumber: null, Line: 'x'.repeat(257) } }, ['parameters.Line']],
    ['with a pattern without parameter', { thingNamePattern: 'rx' }, ['thingNamePattern']],
    ['with a pattern of an unknown parameter', { thingNamePattern: '${Colour}' }, ['thingNamePattern']],
    ['with a pattern that is no thing name', { thingNamePattern: 'rx/${Line}' }, ['thingNamePattern']],
    ['with a hook that is no URL', { hookUrl: 'file:///etc/passwd' }, ['hookUrl']],
    [
      'with a configuration that is too long',
      { deviceConfiguration: { a: 'x'.repeat(257) } },
      ['deviceConfiguration.a'],
    ],
    ['with several faults', { name: '', hookUrl: 'x', thingNamePattern: '' }, ['name', 'hookUrl', 'thingNamePattern']],
  ])('%s', (_what, change, expected) => {
    expect(fields(template(change))).toEqual(expected);
  });

  it('takes what a board says, its defaults, and nothing that is not declared', () => {
    const values = resolvedParameters(
      template(),
      { SerialNumber: '7', Colour: 'red' },
      { 'AWS::IoT::Certificate::Id': 'ab' },
    );
    expect(values).toEqual({ SerialNumber: '7', Line: 'A', 'AWS::IoT::Certificate::Id': 'ab' });
    expect(thingNameOf(template(), values)).toBe('rx-7-A');
  });

  it('believes no board about what only its certificate says', () => {
    const spoofed = { SerialNumber: '7', 'AWS::IoT::Certificate::Id': 'another' };
    expect(resolvedParameters(template(), spoofed, { 'AWS::IoT::Certificate::Id': 'own' })).toMatchObject({
      'AWS::IoT::Certificate::Id': 'own',
    });
    expect(resolvedParameters(template(), spoofed)).not.toHaveProperty('AWS::IoT::Certificate::Id');
  });

  it.each<[string, Record<string, string>]>([
    ['a missing parameter', {}],
    ['an empty one', { SerialNumber: '' }],
    ['a line break', { SerialNumber: '7\n8' }],
    ['a topic', { SerialNumber: 'a/b' }],
    ['a wildcard', { SerialNumber: '+' }],
    ['a placeholder', { SerialNumber: '${Line}' }],
    ['a long one', { SerialNumber: 'x'.repeat(257) }],
    ['a name too long', { SerialNumber: 'x'.repeat(126) }],
    ['too many', Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`p${i}`, 'x']))],
  ])('refuses %s', (_what, given) => {
    expect(() => thingNameOf(template(), resolvedParameters(template(), given))).toThrow(
      expect.objectContaining({ code: 'InvalidParameters' }) as ProvisioningRefusal,
    );
  });

  it('makes a thing name or refuses, whatever a board says', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('__proto__', '${Line}', '$&', '$1'),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.oneof(fc.constantFrom('SerialNumber', 'Line'), fc.string()), texts), (given) => {
        try {
          const name = thingNameOf(template(), resolvedParameters(template(), given));
          expect(isThingName(name)).toBe(true);
          expect(name).toBe(`rx-${given.SerialNumber}-${given.Line ?? 'A'}`);
        } catch (error) {
          expect(error).toBeInstanceOf(ProvisioningRefusal);
        }
      }),
    );
  });
});
