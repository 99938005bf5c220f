import { Injectable, type OnModuleInit } from '@nestjs/common';
import { JobDocumentResolver, JobDocuments } from '@throughline/fleet';
import { artefactIdOf } from '../domain/update-document.js';
import { DownloadLinks } from './download-links.js';

/** Makes the links in the documents of update jobs, each time one is handed out. */
@Injectable()
export class ArtefactJobLinks extends JobDocumentResolver implements OnModuleInit {
  constructor(
    private readonly documents: JobDocuments,
    private readonly links: DownloadLinks,
  ) {
    super();
  }

  onModuleInit(): void {
    this.documents.use(this);
  }

  override async resolve(path: string): Promise<string | undefined> {
    const id = artefactIdOf(path);
    return id === undefined ? undefined : this.links.url(id);
  }
}
