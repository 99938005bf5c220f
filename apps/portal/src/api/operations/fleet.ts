import { graphql, type ResultOf, type VariablesOf } from '../graphql.js';

export const deviceRowFields = graphql(`
  fragment DeviceRowFields on Device {
    id
    thingName
    state
    presenceState
    connected
    lastSeenAt
    lastMessageAt
    lastMessageStoredAt
    firmwareVersion
    awsProblem
    tags { key value }
    model { id title name }
    asset { id name site { name timeZone } customer { id name } }
  }
`);
export type DeviceRow = ResultOf<typeof deviceRowFields>;

export const searchQuery = graphql(
  `
  query SearchDevices($first: Int!, $after: String, $query: String!, $sort: DeviceSort) {
    searchDevices(first: $first, after: $after, query: $query, sort: $sort) {
      totalCount
      moreThanCounted
      pageInfo { hasNextPage endCursor }
      edges { node { ...DeviceRowFields } }
    }
  }
`,
  [deviceRowFields],
);

/** What is needed of a device to do something with it. */
export const targetFields = graphql(`
  fragment TargetFields on Device { id thingName state connected firmwareVersion model { id title } asset { name } }
`);
export type Target = ResultOf<typeof targetFields>;

/** Whom something would be done with. */
export const targetPreviewQuery = graphql(
  `
  query TargetPreview($target: DeviceTargetInput!) {
    targetPreview(target: $target) {
      total
      parts { state connected firmwareVersion count model { id title } }
      devices { ...TargetFields }
    }
  }
`,
  [targetFields],
);
export type TargetPreview = ResultOf<typeof targetPreviewQuery>['targetPreview'];
export type DeviceTarget = VariablesOf<typeof targetPreviewQuery>['target'];

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
      awsProblem
      setAsideMessages
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

/** A change of many devices, which the worker does. */
export const bulkFields = graphql(`
  fragment BulkFields on DeviceBulk { id total done failed finishedAt failures { deviceId thingName reason } }
`);
export type DeviceBulk = ResultOf<typeof bulkFields>;

export const deviceBulkQuery = graphql(`query DeviceBulk($id: ID!) { deviceBulk(id: $id) { ...BulkFields } }`, [
  bulkFields,
]);

export const tagDevices = graphql(
  `
  mutation TagDevices($target: DeviceTargetInput!, $tags: [DeviceTagInput!]!) {
    tagDevices(target: $target, tags: $tags) { ...BulkFields }
  }
`,
  [bulkFields],
);
export const quarantineDevices = graphql(
  `mutation QuarantineDevices($target: DeviceTargetInput!) { quarantineDevices(target: $target) { ...BulkFields } }`,
  [bulkFields],
);
export const releaseDevices = graphql(
  `mutation ReleaseDevices($target: DeviceTargetInput!) { releaseDevices(target: $target) { ...BulkFields } }`,
  [bulkFields],
);

export const changeDeviceState = graphql(`
  mutation ChangeDeviceState($deviceId: ID!, $to: String!) { changeDeviceState(deviceId: $deviceId, to: $to) { id state } }
`);

export const installDevice = graphql(`
  mutation InstallDevice($assetId: ID!, $deviceId: ID!, $loan: Boolean) {
    installDevice(assetId: $assetId, deviceId: $deviceId, loan: $loan) { id device { id } }
  }
`);

/** From now on the asset's old device speaks for it no more, and this one does. */
export const swapDevice = graphql(`
  mutation SwapDevice($assetId: ID!, $deviceId: ID!, $loan: Boolean) {
    swapDevice(assetId: $assetId, deviceId: $deviceId, loan: $loan) { id device { id } }
  }
`);

export const endInstallation = graphql(`
  mutation EndInstallation($deviceId: ID!) { endInstallation(deviceId: $deviceId) { id to } }
`);
