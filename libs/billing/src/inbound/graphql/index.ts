export { BillingGraphqlModule } from './billing-graphql.module.js';
