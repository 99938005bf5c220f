import { type DirectoryEntry, type DirectoryInstallation, installationAt } from './directory-entry.js';

const at = (assetId: string, from: number, to: number | null): DirectoryInstallation => ({
  assetId,
  customerId: 'c',
  from,
  to,
});
const entry = (...installations: DirectoryInstallation[]): DirectoryEntry => ({
  deviceId: 'd',
  thingName: 't',
  modelId: 'm',
  state: 'active',
  installations,
});

describe('installationAt', () => {
  const device = entry(at('a', 100, 200), at('b', 200, 300), at('c', 400, null));

  it.each([
    [99, undefined],
    [100, 'a'],
    [199, 'a'],
    [200, 'b'],
    [299, 'b'],
    [300, undefined],
    [399, undefined],
    [400, 'c'],
    [9e12, 'c'],
  ])('at %d the device speaks for %p', (ts, assetId) => {
    expect(installationAt(device, ts)?.assetId).toBe(assetId);
  });

  it('is undefined for a device that was never installed', () => {
    expect(installationAt(entry(), 1)).toBeUndefined();
  });
});
