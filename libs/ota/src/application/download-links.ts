import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Clock, DomainError } from '@throughline/kernel';
import { CONFIG, type Config, Secrets } from '@throughline/platform';
import { isSigned, LINK_VALID_MS, signed } from '../domain/download-link.js';

const KEY = 'artefact-download';

/** Addresses at which whoever holds them may download an artefact for a while. */
@Injectable()
export class DownloadLinks {
  private key: Promise<Buffer> | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'http'>,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  async url(artefactId: string, validMs = LINK_VALID_MS): Promise<string> {
    const { publicUrl, port } = this.config.http;
    const url = new URL(`/artefacts/${artefactId}`, publicUrl ?? `http://localhost:${port}`);
    const expiresAt = new Date(this.clock.now().getTime() + validMs);
    const { expires, signature } = signed(await this.signingKey(), artefactId, expiresAt);
    url.searchParams.set('expires', expires);
    url.searchParams.set('signature', signature);
    return url.href;
  }

  /** Errors: FORBIDDEN, the same for a link that is over and for one that was not made here. */
  async check(artefactId: string, given: Readonly<Record<string, unknown>>): Promise<void> {
    const { expires, signature } = given;
    if (!isSigned(await this.signingKey(), artefactId, { expires, signature }, this.clock.now()))
      throw new DomainError('FORBIDDEN', 'the link is not valid, or not any more: get the job again for a fresh one');
  }

  private signingKey(): Promise<Buffer> {
    this.key ??= this.secrets
      .getOrCreate(KEY, () => randomBytes(32).toString('base64'))
      .then(
        (text) => Buffer.from(text, 'base64'),
        (error: unknown) => {
          this.key = undefined;
          throw error;
        },
      );
    return this.key;
  }
}
