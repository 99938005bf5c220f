import { graphql, type ResultOf } from '../graphql.js';

export const searchQuery = graphql(`
  query SearchDevices($first: Int!, $after: String, $query: String!, $sort: DeviceSort) {
    searchDevices(first: $first, after: $after, query: $query, sort: $sort) {
      totalCount
      moreThanCounted
      pageInfo { hasNextPage endCursor }
      edges {
        node {
          id
          thingName
          state
          presenceState
          connected
          lastSeenAt
          lastMessageAt
          lastMessageStoredAt
          firmwareVersion
          tags { key value }
          model { id title name }
          asset { id name site { name timeZone } customer { id name } }
        }
      }
    }
  }
`);
export type DeviceRow = ResultOf<typeof searchQuery>['searchDevices']['edges'][number]['node'];

/** What is needed of a device to do something with many. */
export const targetsQuery = graphql(`
  query Targets($first: Int!, $after: String, $query: String!) {
    searchDevices(first: $first, after: $after, query: $query) {
      pageInfo { hasNextPage endCursor }
      edges { node { id thingName state connected firmwareVersion model { id title } asset { name } } }
    }
  }
`);
export type Target = ResultOf<typeof targetsQuery>['searchDevices']['edges'][number]['node'];

export const memberTargetsQuery = graphql(`
  query MemberTargets($groupId: ID!, $first: Int!, $after: String) {
    deviceGroup(id: $groupId) {
      id
      members(first: $first, after: $after) {
        pageInfo { hasNextPage endCursor }
        edges { node { id thingName state connected firmwareVersion model { id title } asset { name } } }
      }
    }
  }
`);

export const deviceQuery = graphql(`
  query Device($id: ID!) {
    device(id: $id) {
      id
      thingName
      state
      presenceState
      connected
      lastSeenAt
      lastMessageAt
      lastMessageStoredAt
      createdAt
      firmwareVersion
      firmware { at counter hardware version }
      tags { key value }
      staticGroups { id name }
      model { id title name schemaVersion staleAfterMs sleepAfterMs }
      asset { id name site { id name timeZone } customer { id name } }
      certificates { id fingerprint serialNumber notBefore notAfter state }
      presence(first: 50) { id connectedAt disconnectedAt reason remoteAddress }
      installations { id from to loan asset { id name customer { name } } }
    }
  }
`);
export type DeviceDetail = NonNullable<ResultOf<typeof deviceQuery>['device']>;

export const revokeCertificate = graphql(`
  mutation RevokeCertificate($fingerprint: String!) { revokeCertificate(fingerprint: $fingerprint) { id state } }
`);

export const rotateCertificates = graphql(`
  mutation RotateCertificates($deviceIds: [ID!]!) { rotateCertificates(deviceIds: $deviceIds) }
`);

export const quarantineDevice = graphql(`
  mutation QuarantineDevice($deviceId: ID!) { quarantineDevice(deviceId: $deviceId) { id state } }
`);

export const releaseDevice = graphql(`
  mutation ReleaseDevice($deviceId: ID!) { releaseDevice(deviceId: $deviceId) { id state } }
`);

export const setDeviceTags = graphql(`
  mutation SetDeviceTags($deviceId: ID!, $tags: [DeviceTagInput!]!) {
    setDeviceTags(deviceId: $deviceId, tags: $tags) { id tags { key value } }
  }
`);

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
