import { CancelIotJob } from './cancel-iot-job.js';
import { CancelJobExecution } from './cancel-job-execution.js';
import { CreateIotJob } from './create-iot-job.js';
import { DeleteIotJob } from './delete-iot-job.js';
import { DescribeExecution } from './describe-execution.js';
import { GetPendingExecutions } from './get-pending-executions.js';
import { IotJobs } from './iot-jobs.js';
import { JobDocuments } from './job-documents.js';
import { RemoveExecutions } from './remove-executions.js';
import { SettleEndedJobs } from './settle-ended-jobs.js';
import { StartNextExecution } from './start-next-execution.js';
import { TimeOutExecutions } from './time-out-executions.js';
import { UpdateExecution } from './update-execution.js';

export { ExecutionChanges } from './execution-changes.js';

/** For the lib's module: what others may use. */
export const iotJobUseCases = [
  CancelIotJob,
  CancelJobExecution,
  CreateIotJob,
  DeleteIotJob,
  DescribeExecution,
  GetPendingExecutions,
  IotJobs,
  JobDocuments,
  RemoveExecutions,
  SettleEndedJobs,
  StartNextExecution,
  TimeOutExecutions,
  UpdateExecution,
];
