export { TelemetryGraphqlModule } from './telemetry-graphql.module.js';
