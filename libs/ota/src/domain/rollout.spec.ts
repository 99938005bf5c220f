import type { Artefact } from './artefact.js';
import { progressOf } from './progress.js';
import { checkArtefacts, checkedRelease, checkReleaseMove, releaseLife, releaseStates } from './release.js';
import { type Candidate, targetsOf } from './targets.js';

const artefact = (hardwareId: string, change: Partial<Artefact> = {}): Artefact => ({
  id: `artefact-${hardwareId}`,
  modelId: 'm',
  hardwareId,
  version: '2.0.0',
  counter: 2,
  length: 10,
  sha256: 'a'.repeat(64),
  fileName: 'f.json',
  uploadedBy: 'x',
  uploadedAt: new Date(0),
  ...change,
});
const release = { modelId: 'm', version: '2.0.0', counter: 2 };

describe('a release', () => {
  it('goes from draft to published to withdrawn and nowhere else', () => {
    for (const state of releaseStates)
      for (const to of releaseStates) {
        const move = () => checkReleaseMove({ version: '1', state }, to);
        if (releaseLife[state].moves.includes(to)) expect(move).not.toThrow();
        else expect(move).toThrow(`is ${state} and cannot become ${to}`);
      }
    expect(releaseStates.filter((state) => releaseLife[state].starts)).toEqual(['published']);
  });

  it('names every fault of its input at once', () => {
    expect(() => checkedRelease({ modelId: 'x', version: '../1', counter: 0, artefactIds: [] })).toThrow(
      /modelId: .*version: .*counter: .*artefactIds: /,
    );
  });

  it('has artefacts of its own model and version, one a hardware', () => {
    expect(() => checkArtefacts(release, [artefact('a'), artefact('b')])).not.toThrow();
    expect(() => checkArtefacts(release, [artefact('a', { modelId: 'n' })])).toThrow('must be of the same model');
    expect(() => checkArtefacts(release, [artefact('a', { version: '1.0.0' })])).toThrow(
      'must be of version 2.0.0 (2)',
    );
    expect(() => checkArtefacts(release, [artefact('a', { counter: 1 })])).toThrow('must be of version 2.0.0 (2)');
    expect(() => checkArtefacts(release, [artefact('a'), artefact('a')])).toThrow('must be the only one for a');
  });
});

describe('the devices of a rollout', () => {
  const device = (change: Partial<Candidate> = {}): Candidate => ({
    id: 'd',
    modelId: 'm',
    state: 'active',
    version: null,
    hardware: null,
    busyIn: null,
    ...change,
  });
  const one = (candidate: Candidate, artefacts = [artefact('a')]) => targetsOf(release, artefacts, [candidate])[0];

  it.each([
    [{ modelId: 'n' }, 'another model'],
    [{ state: 'retired' }, 'retired'],
    [{ version: '2.0.0', hardware: 'a' }, 'on version 2.0.0 already'],
    [{ busyIn: 'r1' }, 'another rollout (r1)'],
    [{ version: '1.0.0', hardware: 'z' }, 'no artefact for its hardware z'],
  ])('leave out one with %j: %s', (change, why) => {
    expect(one(device(change))).toEqual({ deviceId: 'd', leftOut: expect.stringContaining(why) });
  });

  it('get the artefact of their hardware, or the only one there is', () => {
    const both = [artefact('a'), artefact('b')];
    expect(one(device({ version: '1.0.0', hardware: 'b' }), both)).toEqual({ deviceId: 'd', artefact: both[1] });
    expect(one(device())).toEqual({ deviceId: 'd', artefact: artefact('a') });
    expect(one(device(), both)).toEqual({ deviceId: 'd', leftOut: expect.stringContaining('hardware is not known') });
  });
});

describe('progress', () => {
  const of = (status: string, statusDetails: Record<string, string> = {}) =>
    progressOf({ status, statusDetails }, '2.0.0');

  it.each([
    ['QUEUED', {}, { state: 'queued' }],
    ['IN_PROGRESS', {}, { state: 'downloading', percent: 0 }],
    ['IN_PROGRESS', { step: 'downloading', percent: '40' }, { state: 'downloading', percent: 40 }],
    ['IN_PROGRESS', { step: 'downloading', percent: '400' }, { state: 'downloading', percent: 100 }],
    ['IN_PROGRESS', { step: 'downloading', percent: 'x' }, { state: 'downloading', percent: 0 }],
    ['IN_PROGRESS', { step: 'installing' }, { state: 'installing' }],
    ['IN_PROGRESS', { step: 'confirming' }, { state: 'confirming' }],
    ['SUCCEEDED', { version: '2.0.0' }, { state: 'succeeded', why: null }],
    ['SUCCEEDED', { version: '1.0.0' }, { state: 'failed', why: 'it says it succeeded, but runs version 1.0.0' }],
    ['SUCCEEDED', {}, { state: 'failed', why: 'it says it succeeded, but does not say what it runs' }],
    ['FAILED', { reason: 'no room' }, { state: 'failed', why: 'no room' }],
    ['FAILED', { reason: 'no health', rolledBack: 'true' }, { state: 'rolled_back', why: 'no health' }],
    ['FAILED', {}, { state: 'failed', why: 'it gave no reason' }],
    ['REJECTED', { reason: 'busy' }, { state: 'failed', why: 'it refused: busy' }],
    ['TIMED_OUT', {}, { state: 'failed', why: 'it did not end in time' }],
    ['CANCELED', {}, { state: 'cancelled' }],
    ['REMOVED', {}, { state: 'cancelled' }],
  ])('of %s with %j is %j', (status, details, expected) => {
    expect(of(status, details)).toMatchObject(expected);
  });

  it('tells what the device runs, also when it failed', () => {
    expect(of('FAILED', { version: '1.0.0', counter: '7', hardware: 'a' }).running).toEqual({
      version: '1.0.0',
      counter: 7,
      hardware: 'a',
    });
    expect(of('FAILED', { version: '1.0.0', counter: '-7' }).running).toEqual({
      version: '1.0.0',
      counter: null,
      hardware: null,
    });
  });
});
