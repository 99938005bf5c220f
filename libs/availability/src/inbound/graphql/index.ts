export { PeriodArgs } from './asset-availability.resolver.js';
export { AvailabilityGraphqlModule } from './availability-graphql.module.js';
export { toAvailability, toTimelineInterval } from './shapes.js';
export { AvailabilityType, MessageRefType, MetricValueType, TimelineIntervalType } from './types.js';
