import { Module, type Type } from '@nestjs/common';
import type { AwsNews } from '../../application/aws/aws-news.js';
import type { DeviceService } from '../../application/device-service.js';
import { FleetModule } from '../../fleet.module.js';
import { FleetAwsNews } from './fleet-aws-news.js';
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

/** What takes AWS IoT's news in AWS mode. */
export const fleetAwsNews: Type<AwsNews>[] = [FleetAwsNews];

const doors = [...fleetDeviceServices, ...fleetAwsNews];

@Module({ imports: [FleetModule], providers: doors, exports: doors })
export class FleetMqttModule {}
