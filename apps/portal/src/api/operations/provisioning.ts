import { graphql, type ResultOf } from '../graphql.js';

export const templatesQuery = graphql(`
  query ProvisioningTemplates($first: Int!, $after: String) {
    provisioningTemplates(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges {
        node {
          id
          name
          thingNamePattern
          hookUrl
          createdAt
          parameters { name default }
          deviceConfiguration { name value }
          model { id name title }
        }
      }
    }
  }
`);
export type TemplateRow = ResultOf<typeof templatesQuery>['provisioningTemplates']['edges'][number]['node'];

export const batchesQuery = graphql(`
  query ClaimBatches($first: Int!, $after: String) {
    claimBatches(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges {
        node {
          id
          name
          createdAt
          expiresAt
          deactivatedAt
          maxCount
          provisionedCount
          serialsListed
          fingerprint
          template { id name }
        }
      }
    }
  }
`);
export type ClaimBatchRow = ResultOf<typeof batchesQuery>['claimBatches']['edges'][number]['node'];

export const attemptsQuery = graphql(`
  query ProvisioningAttempts($first: Int!, $after: String, $accepted: Boolean, $batchId: ID) {
    provisioningAttempts(first: $first, after: $after, accepted: $accepted, batchId: $batchId) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges {
        node {
          id
          at
          operation
          accepted
          reason
          message
          clientId
          remoteAddress
          thingName
          parameters { name value }
        }
      }
    }
  }
`);
export type AttemptRow = ResultOf<typeof attemptsQuery>['provisioningAttempts']['edges'][number]['node'];

export const refusedConnectionsQuery = graphql(`
  query RefusedConnections($first: Int!, $after: String) {
    refusedConnections(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges {
        node { id hour reason connections firstAt lastAt remoteAddress fingerprint subject detail others }
      }
    }
  }
`);
export type RefusedRow = ResultOf<typeof refusedConnectionsQuery>['refusedConnections']['edges'][number]['node'];

export const casQuery = graphql(`
  query RegisteredCas($first: Int!, $after: String) {
    caRegistrationCode
    registeredCas(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges { node { id subject fingerprint createdAt notAfter deactivatedAt template { id name } } }
    }
  }
`);
export type CaRow = ResultOf<typeof casQuery>['registeredCas']['edges'][number]['node'];

export const createTemplate = graphql(`
  mutation CreateProvisioningTemplate($input: CreateProvisioningTemplateInput!) {
    createProvisioningTemplate(input: $input) { id }
  }
`);
export const createBatch = graphql(`
  mutation CreateClaimBatch($input: CreateClaimBatchInput!) {
    createClaimBatch(input: $input) { certificatePem privateKeyPem caPem batch { id name fingerprint } }
  }
`);
export type NewBatch = ResultOf<typeof createBatch>['createClaimBatch'];
export const deactivateBatch = graphql(`
  mutation DeactivateClaimBatch($id: ID!) { deactivateClaimBatch(id: $id) { id } }
`);
export const registerCa = graphql(`
  mutation RegisterCa($input: RegisterCaInput!) { registerCa(input: $input) { id } }
`);
export const deactivateCa = graphql(`
  mutation DeactivateCa($id: ID!) { deactivateCa(id: $id) { id } }
`);
