import { graphql, type ResultOf } from '../graphql.js';

export const devicesQuery = graphql(`
  query Devices($first: Int!, $after: String, $filter: DeviceFilter) {
    devices(first: $first, after: $after, filter: $filter) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges {
        node {
          id
          thingName
          state
          connected
          lastSeenAt
          lastMessageAt
          lastMessageStoredAt
          model { id title }
          asset { id name site { name timeZone } customer { id name } }
        }
      }
    }
  }
`);
export type DeviceRow = ResultOf<typeof devicesQuery>['devices']['edges'][number]['node'];

export const deviceQuery = graphql(`
  query Device($id: ID!) {
    device(id: $id) {
      id
      thingName
      state
      connected
      lastSeenAt
      lastMessageAt
      lastMessageStoredAt
      createdAt
      model { id title name schemaVersion staleAfterMs }
      asset { id name site { id name timeZone } customer { id name } }
      certificates { id fingerprint serialNumber notBefore notAfter state }
      presence(first: 50) { id connectedAt disconnectedAt reason remoteAddress }
      installations { id from to asset { id name customer { name } } }
    }
  }
`);
export type DeviceDetail = NonNullable<ResultOf<typeof deviceQuery>['device']>;

export const quarantineQuery = graphql(`
  query Quarantine($first: Int!, $after: String, $thingName: String) {
    quarantine(first: $first, after: $after, thingName: $thingName) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges { node { id thingName topic receivedAt reason rule boot seq preview } }
    }
  }
`);
export type QuarantineRow = ResultOf<typeof quarantineQuery>['quarantine']['edges'][number]['node'];
