import { Module, type Type } from '@nestjs/common';
import type { DeviceService } from '../../application/device-service.js';
import { FleetModule } from '../../fleet.module.js';
import { ProvisioningService } from './provisioning.service.js';
import { RotationService } from './rotation.service.js';

/** What answers devices; each is a provider of the module below. */
export const fleetDeviceServices: Type<DeviceService>[] = [ProvisioningService, RotationService];

@Module({ imports: [FleetModule], providers: [...fleetDeviceServices], exports: [...fleetDeviceServices] })
export class FleetMqttModule {}
