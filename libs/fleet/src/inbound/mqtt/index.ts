import { Module, type Type } from '@nestjs/common';
import type { DeviceService } from '../../application/device-service.js';
import { FleetModule } from '../../fleet.module.js';
import { IotJobsService } from './iot-jobs.service.js';

/** What answers devices; each is a provider of the module below. */
export const fleetDeviceServices: Type<DeviceService>[] = [IotJobsService];

@Module({ imports: [FleetModule], providers: [...fleetDeviceServices], exports: [...fleetDeviceServices] })
export class FleetMqttModule {}
