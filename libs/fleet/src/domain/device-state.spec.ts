import { DomainError } from '@throughline/kernel';
import { checkMove, type DeviceState, deviceLifeCycle, deviceStates, mayMove } from './device-state.js';

const reachable = (start: DeviceState): Set<DeviceState> => {
  const seen = new Set<DeviceState>([start]);
  for (const state of seen) for (const next of deviceLifeCycle[state].moves) seen.add(next);
  return seen;
};

describe('life of a device', () => {
  it('has exactly these moves', () => {
    const moves = deviceStates.flatMap((from) =>
      deviceStates.filter((to) => mayMove(from, to)).map((to) => `${from}>${to}`),
    );
    expect(moves.sort()).toEqual(
      [
        'manufactured>claimed',
        'claimed>active',
        'claimed>suspended',
        'active>suspended',
        'suspended>active',
        'quarantined>active',
        'quarantined>suspended',
        ...deviceStates.filter((s) => s !== 'retired').map((s) => `${s}>retired`),
        ...deviceStates.filter((s) => s !== 'retired' && s !== 'quarantined').map((s) => `${s}>quarantined`),
      ].sort(),
    );
  });

  it('reaches every state from the first, and none from the last', () => {
    expect(reachable('manufactured')).toEqual(new Set(deviceStates));
    expect(reachable('retired')).toEqual(new Set(['retired']));
  });

  it('lets connect all but the suspended and the retired, and stores nothing of a quarantined one', () => {
    expect(deviceStates.filter((s) => !deviceLifeCycle[s].connects)).toEqual(['suspended', 'retired']);
    expect(deviceLifeCycle.quarantined.messages).toBe('quarantined');
    expect(deviceStates.filter((s) => deviceLifeCycle[s].messages === 'stored')).toEqual([
      'manufactured',
      'claimed',
      'active',
    ]);
  });

  it('names both states and the allowed ones when a move is refused', () => {
    expect(() => checkMove('rx-1', 'manufactured', 'active')).toThrow(
      new DomainError(
        'STATE_CONFLICT',
        'device "rx-1" is manufactured and cannot become active (allowed: claimed, retired, quarantined)',
      ),
    );
    expect(() => checkMove('rx-1', 'retired', 'active')).toThrow('none: it is the last state');
    expect(() => checkMove('rx-1', 'active', 'suspended')).not.toThrow();
  });
});
