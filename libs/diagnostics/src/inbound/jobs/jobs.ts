import { forgetAwsCommand, readAwsCommand, startAwsCommand } from '../../application/aws-jobs.js';
import { deliverCommands, deliverWaiting, endOverdue } from '../../application/jobs.js';

/** What the worker must handle. */
export const diagnosticsJobs = [
  ...[deliverCommands, deliverWaiting, endOverdue],
  ...[startAwsCommand, readAwsCommand, forgetAwsCommand],
];
