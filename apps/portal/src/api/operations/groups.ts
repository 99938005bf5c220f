import { graphql, type ResultOf } from '../graphql.js';
import { deviceRowFields } from './fleet.js';

export const groupsQuery = graphql(`
  query DeviceGroups { deviceGroups { id name kind query description createdAt } }
`);
export type GroupRow = ResultOf<typeof groupsQuery>['deviceGroups'][number];

export const groupQuery = graphql(
  `
  query DeviceGroup($id: ID!, $first: Int!, $after: String, $sort: DeviceSort) {
    deviceGroup(id: $id) {
      id
      name
      kind
      query
      description
      createdAt
      members(first: $first, after: $after, sort: $sort) {
        totalCount
        moreThanCounted
        pageInfo { hasNextPage endCursor }
        edges { node { ...DeviceRowFields } }
      }
    }
  }
`,
  [deviceRowFields],
);
export type Group = NonNullable<ResultOf<typeof groupQuery>['deviceGroup']>;

export const createGroup = graphql(`
  mutation CreateDeviceGroup($input: CreateDeviceGroupInput!) { createDeviceGroup(input: $input) { id } }
`);
export const changeGroup = graphql(`
  mutation ChangeDeviceGroup($input: ChangeDeviceGroupInput!) { changeDeviceGroup(input: $input) { id } }
`);
export const deleteGroup = graphql(`
  mutation DeleteDeviceGroup($groupId: ID!) { deleteDeviceGroup(groupId: $groupId) { id } }
`);
export const addToGroup = graphql(`
  mutation AddToDeviceGroup($groupId: ID!, $things: [String!], $query: String) {
    addToDeviceGroup(groupId: $groupId, things: $things, query: $query) { changed group { id name } }
  }
`);
export const removeFromGroup = graphql(`
  mutation RemoveFromDeviceGroup($groupId: ID!, $things: [String!]) {
    removeFromDeviceGroup(groupId: $groupId, things: $things) { changed group { id name } }
  }
`);
