import { graphql, type ResultOf } from '../graphql.js';

export const artefactsQuery = graphql(`
  query Artefacts($first: Int!, $after: String) {
    artefacts(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges {
        node { id fileName hardwareId version counter length sha256 uploadedAt uploadedBy model { id name title } }
      }
    }
  }
`);
export type ArtefactRow = ResultOf<typeof artefactsQuery>['artefacts']['edges'][number]['node'];

export const releasesQuery = graphql(`
  query Releases($first: Int!, $after: String) {
    releases(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges {
        node {
          id
          version
          counter
          state
          notes
          createdAt
          createdBy
          publishedAt
          withdrawnAt
          model { id name title }
          artefacts { id hardwareId fileName length }
        }
      }
    }
  }
`);
export type ReleaseRow = ResultOf<typeof releasesQuery>['releases']['edges'][number]['node'];

export const rolloutsQuery = graphql(`
  query Rollouts($first: Int!, $after: String) {
    rollouts(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges {
        node {
          id
          state
          startedAt
          startedBy
          endedAt
          counts { state count }
          release { id version model { title } }
        }
      }
    }
  }
`);
export type RolloutRow = ResultOf<typeof rolloutsQuery>['rollouts']['edges'][number]['node'];

export const rolloutQuery = graphql(`
  query Rollout($id: ID!) {
    rollout(id: $id) {
      id
      state
      startedAt
      startedBy
      endedAt
      counts { state count }
      release { id version counter notes state model { id title } }
    }
  }
`);
export type Rollout = NonNullable<ResultOf<typeof rolloutQuery>['rollout']>;

export const rolloutDevicesQuery = graphql(`
  query RolloutDevices($id: ID!, $first: Int!, $after: String, $state: RolloutDeviceState) {
    rollout(id: $id) {
      id
      devices(first: $first, after: $after, state: $state) {
        totalCount
        pageInfo { hasNextPage endCursor }
        edges {
          node { state percent why changedAt reported { version } device { id thingName asset { id name } } }
        }
      }
    }
  }
`);
export type RolloutDevice = NonNullable<
  ResultOf<typeof rolloutDevicesQuery>['rollout']
>['devices']['edges'][number]['node'];

export const createRelease = graphql(`
  mutation CreateRelease($input: CreateReleaseInput!) { createRelease(input: $input) { id } }
`);
export const publishRelease = graphql(`
  mutation PublishRelease($releaseId: ID!) { publishRelease(releaseId: $releaseId) { id state } }
`);
export const withdrawRelease = graphql(`
  mutation WithdrawRelease($releaseId: ID!) { withdrawRelease(releaseId: $releaseId) { id state } }
`);
export const startRelease = graphql(`
  mutation StartRelease($releaseId: ID!, $target: DeviceTargetInput!) {
    startRelease(releaseId: $releaseId, target: $target) { id }
  }
`);
export const cancelRollout = graphql(`
  mutation CancelRollout($rolloutId: ID!) { cancelRollout(rolloutId: $rolloutId) { id state } }
`);
