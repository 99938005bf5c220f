import { DomainError, type Fault, invalid } from '@throughline/kernel';
import type { Artefact } from './artefact.js';
import { checkCounter, checkId, checkWord } from './checks.js';

export const releaseStates = ['draft', 'published', 'withdrawn'] as const;

export type ReleaseState = (typeof releaseStates)[number];

/** `moves`: where it goes; `starts`: may be started for devices. */
export const releaseLife: Readonly<
  Record<ReleaseState, { readonly moves: readonly ReleaseState[]; readonly starts: boolean }>
> = {
  draft: { moves: ['published', 'withdrawn'], starts: false },
  published: { moves: ['withdrawn'], starts: true },
  withdrawn: { moves: [], starts: false },
};

/** What devices of a model are to run: a version with one artefact for each hardware. */
export interface Release {
  readonly id: string;
  readonly modelId: string;
  readonly version: string;
  readonly counter: number;
  readonly notes: string;
  readonly state: ReleaseState;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly publishedAt: Date | null;
  readonly withdrawnAt: Date | null;
}

/** Throws STATE_CONFLICT naming both states when the table does not have the move. */
export function checkReleaseMove({ version, state }: Pick<Release, 'version' | 'state'>, to: ReleaseState): void {
  const { moves } = releaseLife[state];
  if (moves.includes(to)) return;
  const allowed = moves.join(', ') || 'none: it is the last state';
  throw new DomainError(
    'STATE_CONFLICT',
    `release "${version}" is ${state} and cannot become ${to} (allowed: ${allowed})`,
  );
}

export interface ReleaseInput {
  readonly modelId: string;
  readonly version: string;
  readonly counter: number;
  readonly artefactIds: readonly string[];
  readonly notes?: string | undefined;
}

export const MAX_ARTEFACTS = 50;
const MAX_NOTES = 10_000;

/** Errors: INVALID_INPUT with every fault. */
export function checkedRelease(input: ReleaseInput): Required<ReleaseInput> {
  const { modelId, version, counter, notes = '' } = input;
  const artefactIds = [...new Set(input.artefactIds)];
  const faults: Fault[] = [];
  checkId(faults, 'modelId', modelId);
  checkWord(faults, 'version', version);
  checkCounter(faults, 'counter', counter);
  for (const id of artefactIds) checkId(faults, 'artefactIds', id);
  if (artefactIds.length < 1 || artefactIds.length > MAX_ARTEFACTS)
    faults.push({ field: 'artefactIds', value: artefactIds.length, rule: `must be 1 to ${MAX_ARTEFACTS} artefacts` });
  if (notes.length > MAX_NOTES || notes.includes('\0'))
    faults.push({ field: 'notes', value: notes, rule: `must have at most ${MAX_NOTES} characters` });
  if (faults.length > 0) throw invalid(...faults);
  return { modelId, version, counter, artefactIds, notes };
}

/** A release's artefacts are those of its model, version and counter, one a hardware. Errors: INVALID_INPUT with every fault. */
export function checkArtefacts(
  release: Pick<Release, 'modelId' | 'version' | 'counter'>,
  artefacts: readonly Artefact[],
): void {
  const faults: Fault[] = [];
  const hardware = new Set<string>();
  for (const artefact of artefacts) {
    const { id: value, hardwareId } = artefact;
    const field = 'artefactIds';
    if (artefact.modelId !== release.modelId) faults.push({ field, value, rule: 'must be of the same model' });
    else if (artefact.version !== release.version || artefact.counter !== release.counter)
      faults.push({ field, value, rule: `must be of version ${release.version} (${release.counter})` });
    if (hardware.has(hardwareId)) faults.push({ field, value, rule: `must be the only one for ${hardwareId}` });
    hardware.add(hardwareId);
  }
  if (faults.length > 0) throw invalid(...faults);
}
