export { OtaGraphqlModule } from './ota-graphql.module.js';
