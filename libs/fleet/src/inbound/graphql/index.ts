export { DeviceTargetInput, devicesMeant } from './device-target.js';
export { FleetGraphqlModule } from './fleet-graphql.module.js';
export { FleetLoaders } from './fleet-loaders.js';
export { DeviceGroupType } from './search.types.js';
export { AssetType, CategoryEnum, CertificateType, DeviceType, InstallationType, ModelType } from './types.js';
