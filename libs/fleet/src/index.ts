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
export { CancelIotJob } from './application/iot-jobs/cancel-iot-job.js';
export { CancelJobExecution } from './application/iot-jobs/cancel-job-execution.js';
export { CreateIotJob } from './application/iot-jobs/create-iot-job.js';
export { DeleteIotJob } from './application/iot-jobs/delete-iot-job.js';
export { jobCompleted, jobExecutionChanged } from './application/iot-jobs/events.js';
export { IotJobs } from './application/iot-jobs/iot-jobs.js';
export { type JobDocumentFor, JobDocumentResolver, JobDocuments } from './application/iot-jobs/job-documents.js';
export { RemoveExecutions } from './application/iot-jobs/remove-executions.js';
export { SettleEndedJobs } from './application/iot-jobs/settle-ended-jobs.js';
export { TimeOutExecutions } from './application/iot-jobs/time-out-executions.js';
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
export { RevokeCertificate } from './application/revoke-certificate.js';
export { SwapDevice, type SwapDeviceInput } from './application/swap-device.js';
export { type Category, categories, machineCategories } from './domain/category.js';
export { type DeviceState, type DeviceStateRule, deviceLifeCycle, deviceStates } from './domain/device-state.js';
export { type DirectoryEntry, type DirectoryInstallation, installationAt } from './domain/directory-entry.js';
export {
  type ExecutionStatus,
  executionStatuses,
  type JobExecution,
  type StatusDetails,
} from './domain/iot-jobs/execution.js';
export type {
  IotJob,
  IotJobInput,
  IotJobStatus,
  RetryCriterion,
  StatusCounts,
} from './domain/iot-jobs/iot-job.js';
export type { Model, ModelInput, StateMap, StateMeaning } from './domain/model.js';
export type {
  Asset,
  Certificate,
  Device,
  DisconnectReason,
  Installation,
  PresenceInterval,
} from './domain/registry.js';
export { checkedThingName } from './domain/thing-name.js';
export { FleetModule } from './fleet.module.js';
export type { AssetFilter } from './storage/asset.store.js';
export type { IotJobFilter } from './storage/iot-job.store.js';
export type { DeviceFilter } from './storage/device.store.js';
