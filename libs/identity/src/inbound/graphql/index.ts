export { IdentityGraphqlModule } from './identity-graphql.module.js';
export { IdentityLoaders } from './identity-loaders.js';
export { CustomerType, OrganisationType, SiteType } from './types.js';
