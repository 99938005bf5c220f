import { DomainError } from '@throughline/kernel';
import fc from 'fast-check';
import { queries } from '../../../test/queries.js';
import { matches } from './evaluate.js';
import { type DeviceFacts, termsOf } from './facts.js';
import { queryLimits } from './limits.js';
import { parseQuery } from './parse.js';
import { printQuery } from './print.js';
import type { Query } from './tree.js';
import { numberKey, versionKey, wordSuffixes } from './values.js';

const facts: DeviceFacts = {
  thingName: 'pump-0017',
  model: 'compressor-rx90',
  state: 'active',
  firmware: '1.10.2',
  customerName: 'Harbour Foods',
  siteName: 'Rotterdam',
  assetName: 'Big compressor',
  assetSerialNumber: 'RX-90-4711',
  assetLocation: 'hall 2',
  loan: false,
  connected: false,
  connectivityAt: Date.parse('2026-03-02T06:00:00Z'),
  tags: { region: 'North', floor: '3', 'a:b': 'x' },
  shadows: {
    '': {
      desired: { mode: 'eco' },
      reported: { mode: 'boost', temperature: 21.5, alarms: ['E1', 'E7'], ok: true, deep: { er: -4 } },
    },
    conf: { reported: { x: 5, label: '20' } },
  },
};
const now = Date.parse('2026-03-02T08:00:00Z');
const says = (query: string) => matches(parseQuery(query), facts, now);

describe('a query over devices', () => {
  it('is told who is in a group, and refuses the name of none, a wildcard and a range', () => {
    const trial: Query = { kind: 'member', groupId: 'g-1' };
    const north: Query = parseQuery('tags.region:north');
    const groupOf = (name: string) => (name === 'trial' ? trial : name === 'the north' ? north : undefined);
    const query = parseQuery('group:trial AND NOT group="the north" OR pump', groupOf);
    expect(query).toEqual({
      kind: 'or',
      parts: [
        { kind: 'and', parts: [trial, { kind: 'not', part: north }] },
        { kind: 'word', pattern: ['pump'] },
      ],
    });
    const member = parseQuery('group:trial', groupOf);
    expect(matches(member, { ...facts, groupIds: ['g-0', 'g-1'] }, now)).toBe(true);
    expect(matches(member, { ...facts, groupIds: ['g-0'] }, now)).toBe(false);
    expect(matches(member, facts, now)).toBe(false);
    expect(parseQuery(printQuery(member), (id) => ({ kind: 'member', groupId: id }))).toEqual(member);
    for (const [text, fault] of [
      ['pump OR group:ghosts', 'at position 15: there is no group of this name or id'],
      ['group:tri*', 'at position 7: there is no group of this name or id'],
      ['group > trial', 'at position 7: expected the name or id of a group'],
    ] as const)
      expect(() => parseQuery(text, groupOf)).toThrow(fault);
    expect(parseQuery('group', groupOf)).toEqual({ kind: 'word', pattern: ['group'] });
  });

  it.each([
    '',
    '*',
    'thingName:pump-*',
    'thingName:pump-????',
    'model:compressor-rx90',
    'state:active',
    'customer.name:"Harbour Foods"',
    'customer.name:harbour*',
    'site.name:rotterdam',
    'asset.serialNumber:RX-90-*',
    'asset.name:*compressor',
    'tags.region:north',
    'tags.floor:3',
    'tags.floor:[1 TO 5]',
    '"tags.a:b":x',
    'tags.region:*',
    'connectivity.connected:false',
    'connectivity.disconnectedFor > 3600',
    'connectivity.disconnectedFor:[7200 TO 7200]',
    'connectivity.timestamp < "2026-03-02T07:00:00Z"',
    'connectivity.timestamp:[1772000000000 TO *]',
    'firmware:1.10.*',
    'firmware > 1.9',
    'firmware:[1.2 TO 1.11}',
    'shadow.reported.temperature >= 20',
    'shadow.reported.temperature:21.5',
    'shadow.reported.temperature:{21 TO 22}',
    'shadow.reported.deep.er < -3',
    'shadow.desired.mode:eco',
    'shadow.reported.alarms:E7',
    'shadow.reported.ok:true',
    'shadow.name.conf.reported.x:5',
    'shadow.name.conf.reported.label:20',
    'installation.loan:false',
    'pump',
    '0017',
    'harb',
    '"harbour f"',
    'foods rx-90',
    '4711 AND big',
    '*ompress*',
    'nothing OR pump',
    'NOT nothing',
    'NOT (nothing OR neither)',
    'pump AND NOT tags.region:south',
    'nothing AND pump OR harbour',
    'pump && (nothing || harbour)',
    'tags.region=north',
    'NOT tags.missing:x',
  ])('matches %s', (query) => {
    expect(says(query)).toBe(true);
  });

  it.each([
    'thingName:pump',
    'thingName:PUMP-0017',
    'thingName:"pump-*"',
    'state:suspended',
    'arbour',
    '17',
    'tags.region:south',
    'tags.missing:*',
    'connectivity.connected:true',
    'connectivity.disconnectedFor > 7200',
    'firmware < 1.9',
    'shadow.reported.temperature > 21.5',
    'shadow.reported.temperature:2*',
    'shadow.reported.mode:eco',
    'shadow.name.conf.reported.label >= 19',
    'nothing AND (pump OR harbour)',
    'NOT pump',
    'pump nothing',
  ])('does not match %s', (query) => {
    expect(says(query)).toBe(false);
  });

  it.each([
    ['thingName:', 'at position 11: expected a value, "[", "{" or a comparison, found the end'],
    ['colour:red', 'at position 1: no such field; there are thingName'],
    ['a AND', 'at position 6: expected a word, a field, NOT or "(", found the end'],
    ['a OR OR b', 'at position 6: expected a word, a field, NOT or "(", found OR'],
    ['(a', 'at position 3: expected ")", found the end'],
    ['a)', 'at position 2: expected AND, OR, a condition or the end, found ")"'],
    ['tags.x:[1 5]', 'at position 11: expected TO, found a word'],
    ['tags.x:[1 TO 5', 'at position 15: expected "]" or "}", found the end'],
    ['tags.x:[1* TO 5]', 'at position 9: the end of a range has no wildcards'],
    ['"abc', 'at position 1: a quotation that begins here does not end'],
    ['abc\\', 'at position 4: a character must follow the backslash'],
    ['""', 'at position 1: an empty word matches nothing'],
    ['connectivity.connected:maybe', 'at position 24: expected true or false'],
    ['connectivity.connected > true', 'at position 26: true and false have no order'],
    ['connectivity.disconnectedFor > soon', 'at position 32: expected a number of seconds'],
    ['connectivity.timestamp > yesterday', 'at position 26: expected ms since the epoch or an instant'],
    ['shadow.name.:x', 'at position 1: no such field'],
    ['a'.repeat(queryLimits.length + 1), 'must have at most 2000 characters'],
    ['a '.repeat(queryLimits.conditions + 1), 'at position 129: a query has at most 64 conditions'],
    ['('.repeat(17), 'at position 17: at most 16 parentheses'],
    ['NOT '.repeat(17), 'at position 65: at most 16 parentheses'],
    ['?'.repeat(9), 'at position 1: a word has at most 8 wildcards'],
  ])('says what is wrong with %s', (query, message) => {
    expect(() => parseQuery(query)).toThrow(message);
  });

  it('is the same tree after it is printed and read again', () => {
    fc.assert(
      fc.property(queries, (query) => {
        expect(parseQuery(printQuery(query))).toEqual(query);
      }),
      { numRuns: 500 },
    );
  });

  it('is a tree or one clear refusal, whatever the text', () => {
    const bits = fc.constantFrom(
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      ':',
      '<',
      '>=',
      '"',
      '\\',
      '*',
      '?',
      ' ',
      'AND',
      'OR',
      'NOT',
      'TO',
      'a',
      'tags.x',
      '5',
      '=',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(bits).map((parts) => parts.join('')),
        ),
        (text) => {
          try {
            const query = parseQuery(text);
            expect(parseQuery(printQuery(query))).toEqual(query);
          } catch (error) {
            expect(error).toBeInstanceOf(DomainError);
            expect((error as DomainError).code).toBe('INVALID_INPUT');
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('of NOT is the opposite, whatever the query', () => {
    fc.assert(
      fc.property(queries, (query) => {
        expect(matches({ kind: 'not', part: query }, facts, now)).toBe(!matches(query, facts, now));
      }),
    );
  });
});

describe('keys of the search index', () => {
  it('sort as the numbers do', () => {
    const numbers = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        expect(Math.sign(a - b)).toBe(numberKey(a) === numberKey(b) ? 0 : numberKey(a) < numberKey(b) ? -1 : 1);
      }),
    );
  });

  it('sort as versions do', () => {
    const versions = ['2.0.0', '1.10', '1.9.1', '1.9', '0.9', '1.010.1'];
    expect(versions.toSorted((a, b) => (versionKey(a) < versionKey(b) ? -1 : 1))).toEqual([
      '0.9',
      '1.9',
      '1.9.1',
      '1.10',
      '1.010.1',
      '2.0.0',
    ]);
  });

  it('have a word from each place where one begins', () => {
    expect(wordSuffixes('Pump-12 (Hall 2)')).toEqual(['pump-12 (hall 2)', '12 (hall 2)', 'hall 2)', '2)']);
  });

  it('are bounded, whatever a document holds', () => {
    const reported = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, 'v'.repeat(1_000)]));
    const terms = termsOf({ ...facts, shadows: { '': { reported: { ...reported, [`long${'x'.repeat(300)}`]: 1 } } } });
    expect(terms.length).toBeLessThan(560);
    expect(Math.max(...terms.map((term) => term.length))).toBeLessThanOrEqual(401);
  });
});
