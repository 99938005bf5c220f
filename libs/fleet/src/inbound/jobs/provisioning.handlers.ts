import { Injectable } from '@nestjs/common';
import { HandlesJob, type JobHandler } from '@throughline/platform';
import { CleanProvisioning } from '../../application/provisioning/clean-provisioning.js';
import { OrderRotation } from '../../application/provisioning/order-rotation.js';
import { RequestRotation } from '../../application/provisioning/request-rotation.js';
import { cleanProvisioning, orderRotation, requestDueRotations } from './provisioning.jobs.js';

@Injectable()
@HandlesJob(requestDueRotations)
export class RequestDueRotationsJob implements JobHandler<typeof requestDueRotations> {
  constructor(private readonly request: RequestRotation) {}

  async handle(): Promise<void> {
    await this.request.allDue();
  }
}

@Injectable()
@HandlesJob(cleanProvisioning)
export class CleanProvisioningJob implements JobHandler<typeof cleanProvisioning> {
  constructor(private readonly clean: CleanProvisioning) {}

  async handle(): Promise<void> {
    await this.clean.run();
  }
}

@Injectable()
@HandlesJob(orderRotation)
export class OrderRotationJob implements JobHandler<typeof orderRotation> {
  constructor(private readonly order: OrderRotation) {}

  async handle({ deviceId, certificateId }: { deviceId: string; certificateId: string }): Promise<void> {
    await this.order.run({ deviceId, certificateId });
  }
}
