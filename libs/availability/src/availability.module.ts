import { Module } from '@nestjs/common';
import { FleetModule } from '@throughline/fleet';
import { TelemetryModule } from '@throughline/telemetry';
import { LiveStates } from './application/live-states.js';
import { MarkTimelineDirty } from './application/mark-timeline-dirty.js';
import { RecomputeMarkedTimelines } from './application/recompute-marked-timelines.js';
import { RecomputeTimeline } from './application/recompute-timeline.js';
import { SignalSilence } from './application/signal-silence.js';
import { StateReadings } from './application/state-readings.js';
import { Timelines } from './application/timeline.js';
import { DirtyStore } from './storage/dirty.store.js';
import { TimelineStore } from './storage/timeline.store.js';

const useCases = [LiveStates, MarkTimelineDirty, RecomputeMarkedTimelines, RecomputeTimeline, SignalSilence, Timelines];

@Module({
  imports: [FleetModule, TelemetryModule],
  providers: [...useCases, StateReadings, DirtyStore, TimelineStore],
  exports: useCases,
})
export class AvailabilityModule {}
