import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { DomainError, notFound } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import type { Artefact } from '../domain/artefact.js';
import { type Answer, answerFor, type Conditions } from '../domain/byte-range.js';
import { ArtefactStore } from '../storage/artefact.store.js';
import { ArtefactFiles } from '../storage/artefact-files.js';
import { DownloadLinks } from './download-links.js';

export interface OpenedArtefact {
  readonly artefact: Artefact;
  readonly etag: string;
  readonly answer: Answer;
  /** The bytes of the answer; undefined when it has none. */
  readonly body?: Readable;
}

@Injectable()
export class OpenArtefact {
  constructor(
    private readonly database: Database,
    private readonly artefacts: ArtefactStore,
    private readonly files: ArtefactFiles,
    private readonly links: DownloadLinks,
  ) {}

  /**
   * What a link gives. Errors: FORBIDDEN for a link that is not good; NOT_FOUND; UNAVAILABLE when the data folder does not hold
   * the file as it was uploaded.
   */
  async run(id: string, link: Readonly<Record<string, unknown>>, conditions: Conditions): Promise<OpenedArtefact> {
    await this.links.check(id, link);
    const [artefact] = await this.database.read(everyCustomer, (em) => this.artefacts.byIds(em, [id]));
    if (!artefact) throw notFound('artefact', id);
    const { sha256, length } = artefact;
    if ((await this.files.size(sha256)) !== length)
      throw new DomainError('UNAVAILABLE', `the file of artefact ${id} is not in the data folder`);
    const etag = `"${sha256}"`;
    const answer = answerFor(conditions, etag, length);
    if (answer.status === 200) return { artefact, etag, answer, body: this.files.read(sha256, 0, length - 1) };
    if (answer.status === 206) return { artefact, etag, answer, body: this.files.read(sha256, answer.from, answer.to) };
    return { artefact, etag, answer };
  }
}
