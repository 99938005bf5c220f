import { graphql, type ResultOf, type VariablesOf } from '../graphql.js';

export const termsFields = graphql(`
  fragment TermsFields on Terms {
    currency
    cadence
    charges {
      kind
      key
      description
      amount
      per
      meter
      unit
      priceModel
      unitPrice
      pooling
      tiers { upTo unitPrice }
    }
    guarantees {
      key
      description
      target
      basis
      capPercent
      bands { below creditPercent }
      definition { up down excluded exclusions unknownMode unknownMinutes unknownThen degraded decimals }
    }
  }
`);
export type Terms = ResultOf<typeof termsFields>;

export const planVersionFields = graphql(
  `
  fragment PlanVersionFields on PlanVersion {
    id
    version
    state
    createdAt
    publishedAt
    contractCount
    terms { ...TermsFields }
  }
`,
  [termsFields],
);
export type PlanVersion = ResultOf<typeof planVersionFields>;

export const previewFields = graphql(`
  fragment PreviewFields on StatementPreview {
    periodFrom
    periodTo
    completeTo
    total { amount currency }
    lines {
      kind
      description
      unitPrice
      quantity { value unit }
      amount { amount currency }
      explanation { text quantity unit unitPrice amount }
    }
  }
`);
export type Preview = ResultOf<typeof previewFields>;

export const plansQuery = graphql(
  `
  query Plans { plans { id name versions { ...PlanVersionFields } } }
`,
  [planVersionFields],
);
export type Plan = ResultOf<typeof plansQuery>['plans'][number];

export const planQuery = graphql(
  `
  query Plan($id: ID!) { plan(id: $id) { id name versions { ...PlanVersionFields } } }
`,
  [planVersionFields],
);

export const modelsQuery = graphql(`
  query Models { models { id name title meters { id name title unit type } } }
`);

export const previewTermsQuery = graphql(
  `
  query PreviewTerms($terms: TermsInput!, $contractId: ID!, $month: String!) {
    previewTerms(terms: $terms, contractId: $contractId, month: $month) { ...PreviewFields }
  }
`,
  [previewFields],
);
export type TermsInput = VariablesOf<typeof previewTermsQuery>['terms'];

export const createPlanMutation = graphql(`
  mutation CreatePlan($name: String!, $terms: TermsInput!) {
    createPlan(name: $name, terms: $terms) { id plan { id } }
  }
`);
export const draftPlanVersionMutation = graphql(`
  mutation DraftPlanVersion($planId: ID!) { draftPlanVersion(planId: $planId) { id version } }
`);
export const saveDraftMutation = graphql(`
  mutation SaveDraft($planVersionId: ID!, $terms: TermsInput!) {
    saveDraft(planVersionId: $planVersionId, terms: $terms) { id }
  }
`);
export const publishPlanVersionMutation = graphql(`
  mutation PublishPlanVersion($planVersionId: ID!) {
    publishPlanVersion(planVersionId: $planVersionId) { id state }
  }
`);

export const contractsQuery = graphql(`
  query Contracts($first: Int!, $after: String) {
    contracts(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges {
        node {
          id
          number
          state
          from
          to
          timeZone
          currency
          customer { id name }
          planVersion { id version plan { id name } }
          assets { id name }
        }
      }
    }
  }
`);
export type ContractRow = ResultOf<typeof contractsQuery>['contracts']['edges'][number]['node'];

/** What each contract has earned in the running month. */
export const accruedQuery = graphql(
  `
  query Accrued($first: Int!, $after: String) {
    contracts(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges { node { id number currency timeZone customer { id name } accrued { ...PreviewFields } } }
    }
  }
`,
  [previewFields],
);

export const contractQuery = graphql(
  `
  query Contract($id: ID!) {
    contract(id: $id) {
      id
      number
      state
      from
      to
      timeZone
      currency
      customer { id name }
      planVersion { id version plan { id name } }
      terms { ...TermsFields }
      assets { id name serialNumber location site { name } model { title } }
      statements { id number state periodFrom periodTo total { amount currency } paidAt }
    }
  }
`,
  [termsFields],
);
export type ContractDetail = NonNullable<ResultOf<typeof contractQuery>['contract']>;

export const contractAccruedQuery = graphql(
  `
  query ContractAccrued($id: ID!) { contract(id: $id) { id accrued { ...PreviewFields } } }
`,
  [previewFields],
);

export const closePeriodMutation = graphql(`
  mutation ClosePeriod($contractId: ID!, $month: String!) {
    closePeriod(contractId: $contractId, month: $month) { changed statement { id number total { amount currency } } }
  }
`);
export const createContractMutation = graphql(`
  mutation CreateContract($input: CreateContractInput!) { createContract(input: $input) { id } }
`);
export const customersQuery = graphql(`
  query Customers($first: Int!, $after: String) {
    customers(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges { node { id name assetCount sites { id name timeZone } } }
    }
  }
`);
export type CustomerRow = ResultOf<typeof customersQuery>['customers']['edges'][number]['node'];
