import { Module, type Type } from '@nestjs/common';
import type { DeviceService } from '../../application/device-service.js';
import { FleetModule } from '../../fleet.module.js';
import { IotJobsService } from './iot-jobs.service.js';
import { ProvisioningService } from './provisioning.service.js';
import { RotationService } from './rotation.service.js';
import { ShadowService } from './shadow.service.js';

/** What answers devices; each is a provider of the module below. */
export const fleetDeviceServices: Type<DeviceService>[] = [
  IotJobsService,
  ShadowService,
  ProvisioningService,
  RotationService,
];

@Module({ imports: [FleetModule], providers: [...fleetDeviceServices], exports: [...fleetDeviceServices] })
export class FleetMqttModule {}
