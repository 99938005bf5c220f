import { Module } from '@nestjs/common';
import { IdentityModule } from '@throughline/identity';
import { Assets } from './application/assets.js';
import { AuthenticateDevice } from './application/authenticate-device.js';
import { ChangeDeviceState } from './application/change-device-state.js';
import { CloseLostSessions } from './application/close-lost-sessions.js';
import { CreateAsset } from './application/create-asset.js';
import { CreateDevice } from './application/create-device.js';
import { DeviceCa } from './application/device-ca.js';
import { DeviceDirectory } from './application/device-directory.js';
import { Devices } from './application/devices.js';
import { DirectoryChanges } from './application/directory-changes.js';
import { EndInstallation } from './application/end-installation.js';
import { GatewayCertificate } from './application/gateway-certificate.js';
import { GatewayEnds } from './application/gateway-ends.js';
import { InstallDevice } from './application/install-device.js';
import { Installations } from './application/installations.js';
import { Installing } from './application/installing.js';
import { ExecutionChanges, iotJobUseCases } from './application/iot-jobs/index.js';
import { IssueDeviceCertificate } from './application/issue-device-certificate.js';
import { Models } from './application/models.js';
import { Presence } from './application/presence.js';
import { PresenceChanges } from './application/presence-changes.js';
import { RecordConnect } from './application/record-connect.js';
import { RecordDisconnect } from './application/record-disconnect.js';
import { RecordGatewayAlive } from './application/record-gateway-alive.js';
import { RecordGatewayStopped } from './application/record-gateway-stopped.js';
import { RegisterModel } from './application/register-model.js';
import { RevokeCertificate } from './application/revoke-certificate.js';
import { SwapDevice } from './application/swap-device.js';
import { AssetStore } from './storage/asset.store.js';
import { CertificateStore } from './storage/certificate.store.js';
import { DeviceStore } from './storage/device.store.js';
import { DirectoryStore } from './storage/directory.store.js';
import { GatewayStore } from './storage/gateway.store.js';
import { InstallationStore } from './storage/installation.store.js';
import { IotJobStore } from './storage/iot-job.store.js';
import { JobExecutionStore } from './storage/job-execution.store.js';
import { ModelStore } from './storage/model.store.js';
import { PresenceStore } from './storage/presence.store.js';

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
  SwapDevice,
];

@Module({
  imports: [IdentityModule],
  providers: [
    ...useCases,
    ExecutionChanges,
    GatewayEnds,
    Installing,
    PresenceChanges,
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
  ],
  exports: useCases,
})
export class FleetModule {}
