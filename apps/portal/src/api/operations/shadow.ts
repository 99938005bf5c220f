import { graphql, type ResultOf } from '../graphql.js';

export const shadowsQuery = graphql(`
  query Shadows($id: ID!) {
    device(id: $id) {
      id
      shadows(first: 50) { edges { node { name version updatedAt desired reported delta } } }
    }
  }
`);
export type ShadowRow = NonNullable<ResultOf<typeof shadowsQuery>['device']>['shadows']['edges'][number]['node'];

export const shadowHistoryQuery = graphql(`
  query ShadowHistory($id: ID!, $name: String!) {
    device(id: $id) {
      id
      shadow(name: $name) {
        history(first: 20) { totalCount edges { node { id at version desired author { kind name } } } }
      }
    }
  }
`);

export const updateShadow = graphql(`
  mutation UpdateShadow($deviceId: ID!, $name: String, $desired: JSONObject!, $expectedVersion: Int) {
    updateShadow(deviceId: $deviceId, name: $name, desired: $desired, expectedVersion: $expectedVersion) {
      name
      version
    }
  }
`);
