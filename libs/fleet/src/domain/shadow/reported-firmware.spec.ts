import type { JsonObject } from './json.js';
import { reportedFirmware } from './reported-firmware.js';

const of = (reported: JsonObject | null, name = '') => reportedFirmware(name, { state: { reported } });

it('finds the version under either name, in the classic shadow alone', () => {
  expect(of({ firmware: { version: ' 1.2.0 ' } })).toBe('1.2.0');
  expect(of({ firmwareVersion: '1.2.0' })).toBe('1.2.0');
  expect(of({ firmwareVersion: '1.2.0' }, 'settings')).toBeUndefined();
});

it.each([
  [null],
  [{}],
  [{ firmware: '1.2.0' }],
  [{ firmware: { version: 3 } }],
  [{ firmwareVersion: null }],
  [{ firmwareVersion: ' ' }],
  [{ firmwareVersion: 'a\nb' }],
  [{ firmwareVersion: 'x'.repeat(101) }],
])('passes over %j', (reported) => {
  expect(of(reported)).toBeUndefined();
});

it('passes over updates that report nothing', () => {
  expect(reportedFirmware('', { state: null })).toBeUndefined();
  expect(reportedFirmware('', { state: { desired: { firmwareVersion: '1' } } })).toBeUndefined();
});
