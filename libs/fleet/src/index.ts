export { Assets } from './application/assets.js';
export { AuthenticateDevice, type Authentication, type RefusalReason } from './application/authenticate-device.js';
export { AwsNews } from './application/aws/aws-news.js';
export { ChangeDeviceGroup, type ChangeDeviceGroupInput } from './application/change-device-group.js';
export { ChangeDeviceState } from './application/change-device-state.js';
export { ChangeGroupMembers, type GroupMembersInput } from './application/change-group-members.js';
export { CloseLostSessions } from './application/close-lost-sessions.js';
export { CreateAsset, type CreateAssetInput } from './application/create-asset.js';
export { CreateDevice } from './application/create-device.js';
export { CreateDeviceGroup, type CreateDeviceGroupInput } from './application/create-device-group.js';
export { DeleteDeviceGroup } from './application/delete-device-group.js';
export { DeviceCa } from './application/device-ca.js';
export { DeviceDirectory } from './application/device-directory.js';
export { DeviceGroups } from './application/device-groups.js';
export {
  type DeviceReply,
  type DeviceRequest,
  DeviceService,
  type Requester,
} from './application/device-service.js';
export { Devices } from './application/devices.js';
export { DirectoryChanges } from './application/directory-changes.js';
export { EndInstallation } from './application/end-installation.js';
export { deviceInstalled, deviceStateChanged, installationEnded, presenceChanged } from './application/events.js';
export { ExportDevices } from './application/export-devices.js';
export { GatewayCertificate, type ServerCredentials } from './application/gateway-certificate.js';
export { type DeviceImport, ImportDevices } from './application/import-devices.js';
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
export { type AssetPresence, Presence } from './application/presence.js';
export { CheckSessions } from './application/provisioning/check-sessions.js';
export { ClaimAccess } from './application/provisioning/claim-access.js';
export { CleanProvisioning } from './application/provisioning/clean-provisioning.js';
export { ConfirmRotation } from './application/provisioning/confirm-rotation.js';
export {
  type CertificateAnswer,
  type Claim,
  CreateCertificate,
} from './application/provisioning/create-certificate.js';
export { type ClaimCredentials, CreateClaimBatch } from './application/provisioning/create-claim-batch.js';
export { CreateProvisioningTemplate } from './application/provisioning/create-provisioning-template.js';
export { DeactivateCa } from './application/provisioning/deactivate-ca.js';
export { DeactivateClaimBatch } from './application/provisioning/deactivate-claim-batch.js';
export { OrderRotation } from './application/provisioning/order-rotation.js';
export { type ProvisionAnswer, ProvisionThing } from './application/provisioning/provision-thing.js';
export { ProvisioningLists } from './application/provisioning/provisioning-lists.js';
export { RefusedConnections } from './application/provisioning/refused-connections.js';
export { RegisterByCa, type RegisteredByCa } from './application/provisioning/register-by-ca.js';
export { RegisterCa } from './application/provisioning/register-ca.js';
export { certificateRotationDue, RequestRotation } from './application/provisioning/request-rotation.js';
export { RotateCertificate } from './application/provisioning/rotate-certificate.js';
export { RebuildDeviceIndex } from './application/rebuild-device-index.js';
export { type Connect, RecordConnect } from './application/record-connect.js';
export { type Disconnect, RecordDisconnect } from './application/record-disconnect.js';
export { RecordFirmware } from './application/record-firmware.js';
export { RecordGatewayAlive, SIGN_OF_LIFE_MS } from './application/record-gateway-alive.js';
export { RecordGatewayStopped } from './application/record-gateway-stopped.js';
export { RefreshDeviceIndex } from './application/refresh-device-index.js';
export { RegisterModel } from './application/register-model.js';
export { MAX_TARGETS, ResolveTargets, type Targets } from './application/resolve-targets.js';
export { RetireAsset } from './application/retire-asset.js';
export { RevokeCertificate } from './application/revoke-certificate.js';
export { RevokedCertificates } from './application/revoked-certificates.js';
export { COUNT_CAP, type DeviceSearch, type MatchCount, SearchDevices } from './application/search-devices.js';
export { SetDeviceTags } from './application/set-device-tags.js';
export { DiscardShadow } from './application/shadow/discard-shadow.js';
export { SetDesired, type SetDesiredInput } from './application/shadow/set-desired.js';
export { Shadows } from './application/shadow/shadows.js';
export { SwapDevice, type SwapDeviceInput } from './application/swap-device.js';
export { type Category, categories, machineCategories } from './domain/category.js';
export { type RefusedConnection, reasonOfCertificate } from './domain/connection-refusal.js';
export type { DeviceGroup } from './domain/device-group.js';
export type { DeviceOrder } from './domain/device-order.js';
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
export type { ProvisioningAttempt } from './domain/provisioning/attempt.js';
export type { ClaimBatch, ClaimBatchInput } from './domain/provisioning/claim-batch.js';
export { ProvisioningRefusal } from './domain/provisioning/refusal.js';
export type { ProvisioningTemplate, TemplateInput } from './domain/provisioning/template.js';
export { parseQuery } from './domain/query/parse.js';
export { printQuery } from './domain/query/print.js';
export type { Query } from './domain/query/tree.js';
export type {
  Asset,
  Certificate,
  Device,
  DisconnectReason,
  Installation,
  PresenceInterval,
} from './domain/registry.js';
export type { ShadowAuthor, ShadowChange } from './domain/shadow/author.js';
export type { ShadowView } from './domain/shadow/view.js';
export { checkedThingName } from './domain/thing-name.js';
export { FleetModule } from './fleet.module.js';
export { AWS_IOT, type AwsCommandAnswer, type AwsIot } from './outbound/aws-iot/aws-iot.js';
export type { AssetFilter } from './storage/asset.store.js';
export type { DeviceFilter } from './storage/device.store.js';
export type { IotJobFilter } from './storage/iot-job.store.js';
export type { RegisteredCa } from './storage/provisioning/registered-ca.store.js';
export type { EndedAccess, OpenSession } from './storage/provisioning/session.store.js';
