import { Module } from '@nestjs/common';
import { FleetModule } from '@throughline/fleet';
import { ArtefactJobLinks } from './application/artefact-job-links.js';
import { Artefacts } from './application/artefacts.js';
import { CancelRollout } from './application/cancel-rollout.js';
import { CheckSilentDevices } from './application/check-silent-devices.js';
import { CreateRelease } from './application/create-release.js';
import { DownloadLinks } from './application/download-links.js';
import { FollowExecution } from './application/follow-execution.js';
import { OpenArtefact } from './application/open-artefact.js';
import { PublishRelease } from './application/publish-release.js';
import { RecordProgress } from './application/record-progress.js';
import { Releases } from './application/releases.js';
import { Rollouts } from './application/rollouts.js';
import { StartRelease } from './application/start-release.js';
import { StoreArtefact } from './application/store-artefact.js';
import { WithdrawRelease } from './application/withdraw-release.js';
import { ArtefactStore } from './storage/artefact.store.js';
import { ArtefactFiles } from './storage/artefact-files.js';
import { ReleaseStore } from './storage/release.store.js';
import { RolloutStore } from './storage/rollout.store.js';
import { RolloutDeviceStore } from './storage/rollout-device.store.js';

const useCases = [
  Artefacts,
  CancelRollout,
  CheckSilentDevices,
  CreateRelease,
  DownloadLinks,
  FollowExecution,
  OpenArtefact,
  PublishRelease,
  RecordProgress,
  Releases,
  Rollouts,
  StartRelease,
  StoreArtefact,
  WithdrawRelease,
];

@Module({
  imports: [FleetModule],
  providers: [
    ...useCases,
    ArtefactJobLinks,
    ArtefactFiles,
    ArtefactStore,
    ReleaseStore,
    RolloutStore,
    RolloutDeviceStore,
  ],
  exports: useCases,
})
export class OtaModule {}
