export { DiagnosticsGraphqlModule } from './diagnostics-graphql.module.js';
