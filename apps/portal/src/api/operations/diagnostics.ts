import { graphql, type ResultOf } from '../graphql.js';

export const runFields = graphql(`
  fragment RunFields on DiagnosticRun {
    id
    batchId
    createdAt
    procedure
    title
    state
    verdict
    progressPercent
    progressStep
    log
    result
    resultFaults { field rule }
    reasonCode
    reasonDescription
    requestedBy
    from
    to
    asset { id name site { timeZone } customer { name } }
  }
`);
export type Run = ResultOf<typeof runFields>;

export const batchQuery = graphql(
  `
  query DiagnosticBatch($batchId: ID!) {
    diagnosticRunsOfBatch(batchId: $batchId) { ...RunFields execution { id device { id thingName } } }
  }
`,
  [runFields],
);
export type BatchRun = ResultOf<typeof batchQuery>['diagnosticRunsOfBatch'][number];

export const runLive = graphql(
  `
  subscription DiagnosticRunLive($assetId: ID, $batchId: ID) {
    diagnosticRunLive(assetId: $assetId, batchId: $batchId) { ...RunFields }
  }
`,
  [runFields],
);

export const assetRunsQuery = graphql(
  `
  query AssetRuns($id: ID!, $first: Int!) {
    asset(id: $id) { id diagnosticRuns(first: $first) { totalCount edges { node { ...RunFields } } } }
  }
`,
  [runFields],
);

/** Runs of the whole fleet, newest first. */
export const recentRunsQuery = graphql(`
  query RecentRuns($first: Int!, $after: String) {
    diagnosticRuns(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges {
        node {
          id
          batchId
          createdAt
          title
          state
          verdict
          progressPercent
          progressStep
          requestedBy
          reasonDescription
          asset { id name site { timeZone } customer { name } }
          execution { id device { id thingName } }
        }
      }
    }
  }
`);
export type RunRow = ResultOf<typeof recentRunsQuery>['diagnosticRuns']['edges'][number]['node'];

export const startRuns = graphql(`
  mutation StartDiagnosticRuns($input: StartDiagnosticRunsInput!) {
    startDiagnosticRuns(input: $input) { runs { id batchId } leftOut { id reason } }
  }
`);
