/** The GraphQL server itself, for the process that serves it; other processes need not load it. */
export { EdgeExceptionFilter } from './exception.filter.js';
export { buildSchemaOptions, GRAPHQL_PATH, GraphqlPlumbingModule } from './graphql.module.js';
