import { type FactoryProvider, Module } from '@nestjs/common';
import { IdentityModule } from '@throughline/identity';
import { CONFIG, type Config } from '@throughline/platform';
import { Assets } from './application/assets.js';
import { AuthenticateDevice } from './application/authenticate-device.js';
import { awsParts, awsUseCases } from './application/aws/parts.js';
import { OrderDeviceBulk } from './application/bulk/order-device-bulk.js';
import { RunDeviceBulk } from './application/bulk/run-device-bulk.js';
import { ChangeDeviceGroup } from './application/change-device-group.js';
import { ChangeDeviceState } from './application/change-device-state.js';
import { ChangeGroupMembers } from './application/change-group-members.js';
import { CloseLostSessions } from './application/close-lost-sessions.js';
import { Connections } from './application/connections.js';
import { CreateAsset } from './application/create-asset.js';
import { CreateDevice } from './application/create-device.js';
import { CreateDeviceGroup } from './application/create-device-group.js';
import { DeleteDeviceGroup } from './application/delete-device-group.js';
import { DeviceCa } from './application/device-ca.js';
import { DeviceDirectory } from './application/device-directory.js';
import { DeviceGroups } from './application/device-groups.js';
import { Devices } from './application/devices.js';
import { DirectoryChanges } from './application/directory-changes.js';
import { EndInstallation } from './application/end-installation.js';
import { ExportDevices } from './application/export-devices.js';
import { GatewayCertificate } from './application/gateway-certificate.js';
import { GatewayEnds } from './application/gateway-ends.js';
import { ImportDevices } from './application/import-devices.js';
import { InstallDevice } from './application/install-device.js';
import { Installations } from './application/installations.js';
import { Installing } from './application/installing.js';
import { ExecutionChanges, iotJobUseCases } from './application/iot-jobs/index.js';
import { IssueDeviceCertificate } from './application/issue-device-certificate.js';
import { Models } from './application/models.js';
import { Presence } from './application/presence.js';
import { PresenceChanges } from './application/presence-changes.js';
import { PreviewTargets } from './application/preview-targets.js';
import { provisioningParts, provisioningUseCases } from './application/provisioning/parts.js';
import { ReadQuery } from './application/read-query.js';
import { RebuildDeviceIndex } from './application/rebuild-device-index.js';
import { RecordConnect } from './application/record-connect.js';
import { RecordDisconnect } from './application/record-disconnect.js';
import { RecordFirmware } from './application/record-firmware.js';
import { RecordGatewayAlive } from './application/record-gateway-alive.js';
import { RecordGatewayStopped } from './application/record-gateway-stopped.js';
import { RefreshDeviceIndex } from './application/refresh-device-index.js';
import { RegisterModel } from './application/register-model.js';
import { ResolveTargets } from './application/resolve-targets.js';
import { RetireAsset } from './application/retire-asset.js';
import { RevokeCertificate } from './application/revoke-certificate.js';
import { RevokedCertificates } from './application/revoked-certificates.js';
import { SearchDevices } from './application/search-devices.js';
import { SetDeviceTags } from './application/set-device-tags.js';
import { DeleteShadow } from './application/shadow/delete-shadow.js';
import { DiscardShadow } from './application/shadow/discard-shadow.js';
import { GetShadow } from './application/shadow/get-shadow.js';
import { IndexShadows } from './application/shadow/index-shadows.js';
import { ReportShadow } from './application/shadow/report-shadow.js';
import { SetDesired } from './application/shadow/set-desired.js';
import { Shadows } from './application/shadow/shadows.js';
import { UpdateShadow } from './application/shadow/update-shadow.js';
import { SwapDevice } from './application/swap-device.js';
import { AWS_IOT, type AwsIot } from './outbound/aws-iot/aws-iot.js';
import { AssetStore } from './storage/asset.store.js';
import { CertificateStore } from './storage/certificate.store.js';
import { DeviceStore } from './storage/device.store.js';
import { DeviceBulkStore } from './storage/device-bulk.store.js';
import { DeviceDocumentStore } from './storage/device-documents.store.js';
import { DeviceGroupStore } from './storage/device-group.store.js';
import { DeviceImportStore } from './storage/device-import.store.js';
import { DeviceIndexStore } from './storage/device-index.store.js';
import { DeviceSearchStore } from './storage/device-search.store.js';
import { DirectoryStore } from './storage/directory.store.js';
import { GatewayStore } from './storage/gateway.store.js';
import { InstallationStore } from './storage/installation.store.js';
import { IotJobStore } from './storage/iot-job.store.js';
import { JobExecutionStore } from './storage/job-execution.store.js';
import { ModelStore } from './storage/model.store.js';
import { PresenceStore } from './storage/presence.store.js';
import { ShadowStore } from './storage/shadow.store.js';

const useCases = [
  Assets,
  AuthenticateDevice,
  ChangeDeviceState,
  CloseLostSessions,
  CreateAsset,
  CreateDevice,
  DeviceCa,
  DeviceDirectory,
  Devices,
  DirectoryChanges,
  EndInstallation,
  GatewayCertificate,
  InstallDevice,
  Installations,
  ...iotJobUseCases,
  IssueDeviceCertificate,
  Models,
  Presence,
  RecordConnect,
  RecordDisconnect,
  RecordGatewayAlive,
  RecordGatewayStopped,
  RegisterModel,
  RevokeCertificate,
  RevokedCertificates,
  ChangeDeviceGroup,
  ChangeGroupMembers,
  CreateDeviceGroup,
  DeleteDeviceGroup,
  DeviceGroups,
  ExportDevices,
  ImportDevices,
  RebuildDeviceIndex,
  RecordFirmware,
  RefreshDeviceIndex,
  PreviewTargets,
  ResolveTargets,
  ...[OrderDeviceBulk, RunDeviceBulk],
  RetireAsset,
  SearchDevices,
  SetDeviceTags,
  SwapDevice,
  ...[DeleteShadow, DiscardShadow, GetShadow, IndexShadows, ReportShadow, SetDesired, Shadows, UpdateShadow],
  ...provisioningUseCases,
  ...awsUseCases,
];

/** AWS's clients are loaded in AWS mode only. */
const atAws: FactoryProvider<AwsIot | undefined> = {
  provide: AWS_IOT,
  inject: [CONFIG],
  useFactory: async ({ aws }: Config) => aws && (await import('./outbound/aws-iot/connect.js')).awsIot(aws),
};

@Module({
  imports: [IdentityModule],
  providers: [
    ...useCases,
    ExecutionChanges,
    GatewayEnds,
    Installing,
    PresenceChanges,
    ReadQuery,
    DeviceDocumentStore,
    DeviceBulkStore,
    DeviceGroupStore,
    DeviceImportStore,
    DeviceIndexStore,
    DeviceSearchStore,
    AssetStore,
    CertificateStore,
    DeviceStore,
    DirectoryStore,
    GatewayStore,
    InstallationStore,
    IotJobStore,
    JobExecutionStore,
    ModelStore,
    PresenceStore,
    ShadowStore,
    ...provisioningParts,
    Connections,
    ...awsParts,
    atAws,
  ],
  exports: [...useCases, atAws],
})
export class FleetModule {}
