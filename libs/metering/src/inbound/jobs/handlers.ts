import { Injectable } from '@nestjs/common';
import { HandlesJob, type JobContext, type JobHandler } from '@throughline/platform';
import { MarkUsageDirty } from '../../application/mark-usage-dirty.js';
import { RecomputeMarkedUsage } from '../../application/recompute-marked-usage.js';
import { markUsageOfMessages, markUsageOfTimeline, recomputeUsage } from './jobs.js';

@Injectable()
@HandlesJob(markUsageOfMessages)
export class MarkUsageOfMessagesJob implements JobHandler<typeof markUsageOfMessages> {
  constructor(private readonly mark: MarkUsageDirty) {}

  async handle({ ranges }: { ranges: { assetId: string; from: number; to: number }[] }): Promise<void> {
    await this.mark.run(ranges);
  }
}

@Injectable()
@HandlesJob(markUsageOfTimeline)
export class MarkUsageOfTimelineJob implements JobHandler<typeof markUsageOfTimeline> {
  constructor(private readonly mark: MarkUsageDirty) {}

  /** The event's end is exclusive, a mark's is not. */
  async handle({ assetId, from, to }: { assetId: string; from: number; to: number }): Promise<void> {
    await this.mark.run([{ assetId, from, to: to - 1 }]);
  }
}

@Injectable()
@HandlesJob(recomputeUsage)
export class RecomputeUsageJob implements JobHandler<typeof recomputeUsage> {
  constructor(private readonly recompute: RecomputeMarkedUsage) {}

  async handle(_: Record<string, never>, { signal }: JobContext): Promise<void> {
    await this.recompute.run(signal);
  }
}
