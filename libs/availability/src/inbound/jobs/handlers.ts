import { Injectable } from '@nestjs/common';
import { HandlesJob, type JobContext, type JobHandler, LiveSignals } from '@throughline/platform';
import { MarkTimelineDirty } from '../../application/mark-timeline-dirty.js';
import { RecomputeMarkedTimelines } from '../../application/recompute-marked-timelines.js';
import { SignalSilence } from '../../application/signal-silence.js';
import { markTimelineDirty, recomputeTimelines, signalPresence, signalSilence } from './jobs.js';

@Injectable()
@HandlesJob(markTimelineDirty)
export class MarkTimelineDirtyJob implements JobHandler<typeof markTimelineDirty> {
  constructor(private readonly mark: MarkTimelineDirty) {}

  async handle({ ranges }: { ranges: { assetId: string; from: number; to: number }[] }): Promise<void> {
    await this.mark.run(ranges);
  }
}

@Injectable()
@HandlesJob(recomputeTimelines)
export class RecomputeTimelinesJob implements JobHandler<typeof recomputeTimelines> {
  constructor(private readonly recompute: RecomputeMarkedTimelines) {}

  async handle(_: Record<string, never>, { signal }: JobContext): Promise<void> {
    await this.recompute.run(signal);
  }
}

/** Presence explains a silence and shows in the live state, but decides no category: nothing is derived again for it. */
@Injectable()
@HandlesJob(signalPresence)
export class SignalPresenceJob implements JobHandler<typeof signalPresence> {
  constructor(private readonly signals: LiveSignals) {}

  async handle({ assetId }: { assetId?: string }): Promise<void> {
    if (assetId !== undefined) this.signals.signal('asset-live', [assetId]);
  }
}

@Injectable()
@HandlesJob(signalSilence)
export class SignalSilenceJob implements JobHandler<typeof signalSilence> {
  constructor(private readonly silence: SignalSilence) {}

  async handle(): Promise<void> {
    await this.silence.run();
  }
}
