export { MeteringGraphqlModule } from './metering-graphql.module.js';
export { MeterType } from './types.js';
export { toMeter } from './usage.resolver.js';
