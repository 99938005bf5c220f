import { Module } from '@nestjs/common';
import { IdentityModule } from '@throughline/identity';
import { FleetModule } from '../../fleet.module.js';
import { DeviceFilesController } from './device-files.controller.js';

export { importLimits } from '../../domain/device-rows.js';

/** Files of devices, in and out. */
@Module({ imports: [FleetModule, IdentityModule], controllers: [DeviceFilesController] })
export class FleetHttpModule {}
