import { AwsMirrorStore } from '../../storage/aws-mirror.store.js';
import { AwsPresenceStore } from '../../storage/aws-presence.store.js';
import { AwsProblems } from './aws-problems.js';
import { CancelAwsExecution } from './cancel-execution.js';
import { MirrorDevices } from './mirror-devices.js';
import { MirrorJobs } from './mirror-jobs.js';
import { MirrorShadow } from './mirror-shadow.js';
import { ReadExecutions } from './read-executions.js';
import { RecordLifeCycle } from './record-life-cycle.js';
import { ShadowsAtAws } from './shadows-at-aws.js';

/** AWS mode's part of the module. */
export const awsUseCases = [
  AwsProblems,
  CancelAwsExecution,
  MirrorDevices,
  MirrorJobs,
  MirrorShadow,
  ReadExecutions,
  RecordLifeCycle,
];

export const awsParts = [AwsMirrorStore, AwsPresenceStore, ShadowsAtAws];
