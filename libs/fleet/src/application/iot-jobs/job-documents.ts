import { Injectable } from '@nestjs/common';
import { DomainError } from '@throughline/kernel';
import { filledIn, placeholdersIn } from '../../domain/iot-jobs/document.js';

/** For whom a document is handed out. */
export interface JobDocumentFor {
  readonly jobId: string;
  readonly deviceId: string;
  readonly thingName: string;
}

/**
 * Makes the links of documents: `${throughline:presigned-url:PATH}` in a text becomes what this answers for PATH, anew each
 * time the document is handed out, so that a link lasts from then on. Answers undefined for a path that is not its own. It is
 * asked while a thing is locked: it computes and reads, it does not call out.
 */
export abstract class JobDocumentResolver {
  abstract resolve(path: string, context: JobDocumentFor): Promise<string | undefined>;
}

/** Where libs that own something to be downloaded leave their resolver, when their module starts. */
@Injectable()
export class JobDocuments {
  private readonly resolvers: JobDocumentResolver[] = [];

  use(resolver: JobDocumentResolver): void {
    this.resolvers.push(resolver);
  }

  get resolvable(): boolean {
    return this.resolvers.length > 0;
  }

  /** The document as the thing gets it. Errors: UNAVAILABLE when nobody knows a path in it. */
  async filled(document: string, context: JobDocumentFor): Promise<unknown> {
    const urls = new Map<string, string>();
    for (const path of placeholdersIn(document)) urls.set(path, await this.url(path, context));
    return filledIn(document, urls);
  }

  private async url(path: string, context: JobDocumentFor): Promise<string> {
    for (const resolver of this.resolvers) {
      const url = await resolver.resolve(path, context);
      if (url !== undefined) return url;
    }
    throw new DomainError(
      'UNAVAILABLE',
      `the document of job "${context.jobId}" links to "${path}", which nobody offers`,
    );
  }
}
