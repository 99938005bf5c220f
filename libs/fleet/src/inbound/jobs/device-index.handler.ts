import { Injectable } from '@nestjs/common';
import { HandlesJob, type JobContext, type JobHandler } from '@throughline/platform';
import { runDeviceBulk } from '../../application/bulk/order-device-bulk.js';
import { RunDeviceBulk } from '../../application/bulk/run-device-bulk.js';
import { RebuildDeviceIndex, rebuildDeviceIndex } from '../../application/rebuild-device-index.js';
import { IndexShadows } from '../../application/shadow/index-shadows.js';
import { indexShadows } from './jobs.js';

@Injectable()
@HandlesJob(rebuildDeviceIndex)
export class RebuildDeviceIndexJob implements JobHandler<typeof rebuildDeviceIndex> {
  constructor(private readonly rebuild: RebuildDeviceIndex) {}

  async handle(): Promise<void> {
    await this.rebuild.run();
  }
}

@Injectable()
@HandlesJob(indexShadows)
export class IndexShadowsJob implements JobHandler<typeof indexShadows> {
  constructor(private readonly index: IndexShadows) {}

  async handle(_: Record<string, never>, { signal }: JobContext): Promise<void> {
    await this.index.run(signal);
  }
}

@Injectable()
@HandlesJob(runDeviceBulk)
export class RunDeviceBulkJob implements JobHandler<typeof runDeviceBulk> {
  constructor(private readonly bulk: RunDeviceBulk) {}

  async handle({ bulkId }: { bulkId: string }, { signal }: JobContext): Promise<void> {
    await this.bulk.run(bulkId, signal);
  }
}
