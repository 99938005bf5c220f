import { Module } from '@nestjs/common';
import { OtaModule } from '../../ota.module.js';

/** Downloads of devices. */
@Module({ imports: [OtaModule], controllers: [] })
export class OtaHttpModule {}
