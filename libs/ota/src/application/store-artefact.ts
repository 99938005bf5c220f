import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Models } from '@throughline/fleet';
import { Clock, DomainError, invalid, newId } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { type Artefact, type ArtefactLabel, MAX_ARTEFACT_BYTES } from '../domain/artefact.js';
import { ArtefactStore } from '../storage/artefact.store.js';
import { ArtefactFiles, tooLong } from '../storage/artefact-files.js';

@Injectable()
export class StoreArtefact {
  constructor(
    private readonly database: Database,
    private readonly models: Models,
    private readonly artefacts: ArtefactStore,
    private readonly files: ArtefactFiles,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes a file; it is on disk before its row is. The same file with the same label again gives what is there.
   * `expectedBytes`: what the sender says is coming. Errors: NOT_FOUND for the model; INVALID_INPUT for an empty or too long file
   * and for one that is not what the label says; CONFLICT when the label stands for another file.
   */
  async run(label: ArtefactLabel, body: Readable, uploadedBy: string, expectedBytes = 0): Promise<Artefact> {
    if (expectedBytes > MAX_ARTEFACT_BYTES) throw tooLong(MAX_ARTEFACT_BYTES);
    const model = await this.models.byName(label.modelName);
    const received = await this.files.receive(body, MAX_ARTEFACT_BYTES);
    try {
      const { length, sha256 } = received;
      if (label.sha256 !== undefined && label.sha256 !== sha256)
        throw invalid({ field: 'sha256', value: label.sha256, rule: `must be that of the body, ${sha256}` });
      const { hardwareId, version, counter, fileName } = label;
      const uploadedAt = this.clock.now();
      const id = newId(uploadedAt.getTime());
      const modelId = model.id;
      const made = { id, modelId, hardwareId, version, counter, length, sha256, fileName, uploadedBy, uploadedAt };
      const known = await this.database.read(everyCustomer, (em) => this.artefacts.byLabel(em, made));
      if (known) checkSame(known, made);
      await received.keep();
      if (known) return known;
      return await this.database.transaction(everyCustomer, async (em) => {
        if (await this.artefacts.insert(em, made)) return made;
        const winner = await this.artefacts.byLabel(em, made);
        if (!winner) throw new DomainError('INTERNAL', 'an artefact vanished');
        checkSame(winner, made);
        return winner;
      });
    } finally {
      await received.drop();
    }
  }
}

function checkSame(known: Artefact, { counter, sha256, hardwareId, version }: Artefact): void {
  if (known.sha256 !== sha256)
    throw new DomainError('CONFLICT', `there is another file of version ${version} for ${hardwareId} already`);
  if (known.counter !== counter)
    throw new DomainError('CONFLICT', `version ${version} for ${hardwareId} has the release counter ${known.counter}`);
}
