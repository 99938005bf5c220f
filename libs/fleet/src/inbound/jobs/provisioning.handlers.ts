import { Injectable } from '@nestjs/common';
import { HandlesJob, type JobHandler } from '@throughline/platform';
import { CleanProvisioning } from '../../application/provisioning/clean-provisioning.js';
import { RequestRotation } from '../../application/provisioning/request-rotation.js';
import { cleanProvisioning, requestDueRotations } from './provisioning.jobs.js';

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
