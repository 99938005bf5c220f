import { Injectable } from '@nestjs/common';
import { HandlesJob, type JobHandler } from '@throughline/platform';
import { RebuildDeviceIndex, rebuildDeviceIndex } from '../../application/rebuild-device-index.js';

@Injectable()
@HandlesJob(rebuildDeviceIndex)
export class RebuildDeviceIndexJob implements JobHandler<typeof rebuildDeviceIndex> {
  constructor(private readonly rebuild: RebuildDeviceIndex) {}

  async handle(): Promise<void> {
    await this.rebuild.run();
  }
}
