import { graphql, type ResultOf } from '../graphql.js';

export const deviceJobsQuery = graphql(`
  query DeviceJobs($id: ID!) {
    device(id: $id) {
      id
      firmware { at counter hardware version }
      jobExecutions(first: 20) {
        id
        jobId
        status
        queuedAt
        startedAt
        lastUpdatedAt
        versionNumber
        executionNumber
        statusDetails
        timesOutAt
        job { id description targetLabel createdBy document }
      }
    }
  }
`);
export type JobRow = NonNullable<ResultOf<typeof deviceJobsQuery>['device']>['jobExecutions'][number];

export const createJob = graphql(`
  mutation CreateJob($input: CreateJobInput!) { createJob(input: $input) { id jobId status } }
`);

export const cancelJobExecution = graphql(`
  mutation CancelJobExecution($id: ID!, $force: Boolean!) { cancelJobExecution(id: $id, force: $force) { id status } }
`);

export const jobQuery = graphql(`
  query Job($id: ID!) { job(id: $id) { id jobId status counts { status things } } }
`);
