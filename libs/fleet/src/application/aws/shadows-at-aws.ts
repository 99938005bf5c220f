import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { shadowDocument, toShadow } from '../../domain/aws/news.js';
import type { ShadowAuthor } from '../../domain/shadow/author.js';
import type { JsonObject } from '../../domain/shadow/json.js';
import { noShadow } from '../../domain/shadow/refusal.js';
import { AWS_IOT, type AwsIot } from '../../outbound/aws-iot/aws-iot.js';
import { ShadowStore } from '../../storage/shadow.store.js';
import type { ShadowKey } from '../shadow/shadow-heads.js';
import { MirrorShadow } from './mirror-shadow.js';

/**
 * Changes of shadows that AWS IoT keeps: it decides, and its answer is what our row has. The call is made outside any transaction;
 * when the process dies behind it, the document comes as news.
 */
@Injectable()
export class ShadowsAtAws {
  constructor(
    private readonly database: Database,
    private readonly shadows: ShadowStore,
    private readonly mirror: MirrorShadow,
    @Inject(AWS_IOT) private readonly aws: AwsIot | undefined,
  ) {}

  /** Whether AWS IoT keeps the shadows. */
  get kept(): boolean {
    return this.aws !== undefined;
  }

  /** Errors: STATE_CONFLICT for another version; RATE_LIMITED, UNAVAILABLE. */
  async setDesired(
    { thingName, name }: ShadowKey,
    change: { desired: JsonObject; version?: number | undefined },
    author: ShadowAuthor,
  ): Promise<void> {
    await this.port.setDesired({ thingName, name }, change);
    const answer = shadowDocument.safeParse(await this.port.get(thingName, name));
    if (!answer.success)
      throw new DomainError('UNAVAILABLE', `AWS IoT gave no document of a shadow of ${thingName}: it comes as news`);
    await this.mirror.updated(thingName, name, toShadow(answer.data), author);
  }

  /** Errors: ShadowRefusal 404; RATE_LIMITED, UNAVAILABLE. */
  async delete(scope: DataScope, { deviceId, thingName, name }: ShadowKey, author: ShadowAuthor): Promise<void> {
    const row = await this.database.read(scope, (em) => this.shadows.find(em, { deviceId, name }));
    if (!row || row.deletedAt) throw noShadow(thingName, name);
    await this.port.delete(thingName, name);
    await this.mirror.deleted(thingName, name, row.shadow.version, author);
  }

  private get port() {
    if (!this.aws) throw new DomainError('INTERNAL', 'shadows are kept here, not at AWS IoT');
    return this.aws.shadows;
  }
}
