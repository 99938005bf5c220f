import { Module } from '@nestjs/common';
import { IdentityModule } from '@throughline/identity';
import { OtaModule } from '../../ota.module.js';
import { ArtefactsController } from './artefacts.controller.js';
import { UnreadBodies } from './unread-bodies.js';

/** Uploads of artefacts, and downloads of devices. */
@Module({ imports: [OtaModule, IdentityModule], controllers: [ArtefactsController], providers: [UnreadBodies] })
export class OtaHttpModule {}
