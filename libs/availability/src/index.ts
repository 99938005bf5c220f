export { timelineChanged } from './application/events.js';
export { type LiveState, LiveStates } from './application/live-states.js';
export { MarkTimelineDirty } from './application/mark-timeline-dirty.js';
export { RecomputeMarkedTimelines } from './application/recompute-marked-timelines.js';
export { RecomputeTimeline } from './application/recompute-timeline.js';
export { SignalSilence } from './application/signal-silence.js';
export { type TimelineOptions, Timelines } from './application/timeline.js';
export { AvailabilityModule } from './availability.module.js';
export { availabilityOf, lookBackMs, rawDefinition } from './domain/availability.js';
export {
  type Category,
  categories,
  type Evidence,
  isCategory,
  type MessageRef,
  type TimelineInterval,
} from './domain/category.js';
export { checkDefinition } from './domain/check-definition.js';
export type { AvailabilityDefinition, AvailabilityFigure, UnknownRule } from './domain/definition.js';
export type { StateMeanings, StateReading } from './domain/reading.js';
export { deriveTimeline, joined, type PresenceSpan, type TimelineInput } from './domain/timeline.js';
