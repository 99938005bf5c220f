export { ContractsGraphqlModule } from './contracts-graphql.module.js';
export { ContractsLoaders } from './contracts-loaders.js';
export { AvailabilityDefinitionType, TermsInput, TermsType } from './terms.types.js';
export { termsFromInput, termsType } from './terms-shape.js';
export { ContractType, contractType, PlanVersionType } from './types.js';
