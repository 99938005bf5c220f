import { graphql, type ResultOf, type VariablesOf } from '../graphql.js';

export const messageFields = graphql(`
  fragment QuarantineFields on QuarantinedMessage {
    id
    thingName
    deviceId
    topic
    receivedAt
    reason
    rule
    boot
    seq
    state
    settledAt
    settledBy
    settledReason
    model { id title }
  }
`);
export type QuarantineRow = ResultOf<typeof messageFields>;

export const quarantineQuery = graphql(
  `
  query Quarantine($first: Int!, $after: String, $filter: QuarantineFilterInput) {
    quarantine(first: $first, after: $after, filter: $filter) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges { node { ...QuarantineFields } }
    }
  }
`,
  [messageFields],
);
export type QuarantineFilter = NonNullable<VariablesOf<typeof quarantineQuery>['filter']>;

export const quarantinedMessageQuery = graphql(
  `
  query QuarantinedMessage($id: ID!) {
    quarantinedMessage(id: $id) { ...QuarantineFields bytes isText preview hex }
  }
`,
  [messageFields],
);

export const quarantineGroupsQuery = graphql(`
  query QuarantineGroups($filter: QuarantineFilterInput) {
    quarantineGroups(filter: $filter) {
      reason
      ruleKind
      messages
      devices
      thingName
      firstAt
      lastAt
      model { id title }
    }
  }
`);
export type QuarantineGroup = ResultOf<typeof quarantineGroupsQuery>['quarantineGroups'][number];

export const taskFields = graphql(`
  fragment TaskFields on QuarantineTask {
    id
    action
    state
    requestedBy
    createdAt
    finishedAt
    total
    settled
    kept
    reason
    error
  }
`);
export type QuarantineTask = ResultOf<typeof taskFields>;

export const quarantineTaskQuery = graphql(
  `query QuarantineTask($id: ID!) { quarantineTask(id: $id) { ...TaskFields } }`,
  [taskFields],
);
export const quarantineTasksQuery = graphql(`query QuarantineTasks { quarantineTasks { ...TaskFields } }`, [
  taskFields,
]);

export const replayQuarantine = graphql(
  `
  mutation ReplayQuarantine($ids: [ID!], $filter: QuarantineFilterInput) {
    replayQuarantine(ids: $ids, filter: $filter) { ...TaskFields }
  }
`,
  [taskFields],
);
export const discardQuarantine = graphql(
  `
  mutation DiscardQuarantine($ids: [ID!], $filter: QuarantineFilterInput, $reason: String!) {
    discardQuarantine(ids: $ids, filter: $filter, reason: $reason) { ...TaskFields }
  }
`,
  [taskFields],
);
