import type { Artefact } from './artefact.js';
import type { Release } from './release.js';

/** Under which an artefact's link stands in a job's document. */
const PATH = /^artefacts\/([0-9a-f-]{36})$/;

/** The id of the artefact a path of a document means; undefined when it is something else's. */
export const artefactIdOf = (path: string): string | undefined => PATH.exec(path)?.[1];

/**
 * What a device gets as its job. The link is made when the job is handed out, so it lasts from then on. Signed metadata gets a
 * field of its own beside `artefact`.
 */
export const updateDocument = (
  { version, counter }: Pick<Release, 'version' | 'counter'>,
  artefact: Pick<Artefact, 'id' | 'hardwareId' | 'length' | 'sha256'>,
) => ({
  operation: 'update',
  release: { version, counter },
  artefact: {
    hardware: artefact.hardwareId,
    url: `\${throughline:presigned-url:artefacts/${artefact.id}}`,
    length: artefact.length,
    sha256: artefact.sha256,
  },
});
