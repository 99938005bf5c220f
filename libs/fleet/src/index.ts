export { Assets } from './application/assets.js';
export { AuthenticateDevice, type Authentication, type RefusalReason } from './application/authenticate-device.js';
export { ChangeDeviceState } from './application/change-device-state.js';
export { CloseLostSessions } from './application/close-lost-sessions.js';
export { CreateAsset, type CreateAssetInput } from './application/create-asset.js';
export { CreateDevice } from './application/create-device.js';
export { DeviceCa } from './application/device-ca.js';
export { DeviceDirectory } from './application/device-directory.js';
export { Devices } from './application/devices.js';
export { EndInstallation } from './application/end-installation.js';
export { deviceInstalled, deviceStateChanged, installationEnded, presenceChanged } from './application/events.js';
export { GatewayCertificate, type ServerCredentials } from './application/gateway-certificate.js';
export { InstallDevice, type InstallDeviceInput } from './application/install-device.js';
export { Installations } from './application/installations.js';
export { type DeviceCredentials, IssueDeviceCertificate } from './application/issue-device-certificate.js';
export { Models } from './application/models.js';
export {
  type DeviceReply,
  type DeviceRequest,
  DeviceService,
  type Requester,
} from './application/device-service.js';
export { DirectoryChanges } from './application/directory-changes.js';
export { type AssetPresence, Presence } from './application/presence.js';
export { type Connect, RecordConnect } from './application/record-connect.js';
export { type Disconnect, RecordDisconnect } from './application/record-disconnect.js';
export { RecordGatewayAlive, SIGN_OF_LIFE_MS } from './application/record-gateway-alive.js';
export { RecordGatewayStopped } from './application/record-gateway-stopped.js';
export { RegisterModel } from './application/register-model.js';
export { ChangeDeviceGroup, type ChangeDeviceGroupInput } from './application/change-device-group.js';
export { ChangeGroupMembers, type GroupMembersInput } from './application/change-group-members.js';
export { CreateDeviceGroup, type CreateDeviceGroupInput } from './application/create-device-group.js';
export { DeleteDeviceGroup } from './application/delete-device-group.js';
export { DeviceGroups } from './application/device-groups.js';
export { ExportDevices } from './application/export-devices.js';
export { ImportDevices, type DeviceImport } from './application/import-devices.js';
export { RebuildDeviceIndex } from './application/rebuild-device-index.js';
export { RecordFirmware } from './application/record-firmware.js';
export { RefreshDeviceIndex } from './application/refresh-device-index.js';
export { ResolveTargets, MAX_TARGETS, type Targets } from './application/resolve-targets.js';
export { RetireAsset } from './application/retire-asset.js';
export { SearchDevices, COUNT_CAP, type DeviceSearch, type MatchCount } from './application/search-devices.js';
export { SetDeviceTags } from './application/set-device-tags.js';
export { RevokeCertificate } from './application/revoke-certificate.js';
export { SwapDevice, type SwapDeviceInput } from './application/swap-device.js';
export { type Category, categories, machineCategories } from './domain/category.js';
export { type DeviceState, type DeviceStateRule, deviceLifeCycle, deviceStates } from './domain/device-state.js';
export { type DirectoryEntry, type DirectoryInstallation, installationAt } from './domain/directory-entry.js';
export type { Model, ModelInput, StateMap, StateMeaning } from './domain/model.js';
export type {
  Asset,
  Certificate,
  Device,
  DisconnectReason,
  Installation,
  PresenceInterval,
} from './domain/registry.js';
export type { DeviceGroup } from './domain/device-group.js';
export type { DeviceOrder } from './domain/device-order.js';
export { parseQuery } from './domain/query/parse.js';
export { printQuery } from './domain/query/print.js';
export type { Query } from './domain/query/tree.js';
export { checkedThingName } from './domain/thing-name.js';
export { FleetModule } from './fleet.module.js';
export type { AssetFilter } from './storage/asset.store.js';
export type { DeviceFilter } from './storage/device.store.js';
