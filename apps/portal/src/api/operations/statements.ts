import { graphql, type ResultOf } from '../graphql.js';
import { intervalFields } from './assets.js';

export const statementsQuery = graphql(`
  query Statements($first: Int!, $after: String, $filter: StatementFilter) {
    statements(first: $first, after: $after, filter: $filter) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges {
        node {
          id
          number
          state
          periodFrom
          periodTo
          completeness
          createdAt
          paidAt
          finalisedAt
          stripeInvoiceNumber
          total { amount currency }
          customer { id name }
          contract { id number timeZone }
        }
      }
    }
  }
`);
export type StatementRow = ResultOf<typeof statementsQuery>['statements']['edges'][number]['node'];

export const statementQuery = graphql(`
  query Statement($id: ID!) {
    statement(id: $id) {
      id
      number
      state
      periodFrom
      periodTo
      storedBefore
      completeness
      createdAt
      finalisedAt
      paidAt
      stripeInvoiceId
      stripeInvoiceNumber
      hostedInvoiceUrl
      total { amount currency }
      customer { id name }
      contract { id number timeZone planVersion { id version plan { id name } } }
      lines {
        id
        position
        kind
        description
        meter
        quality
        unitPrice
        periodFrom
        periodTo
        quantity { value unit }
        amount { amount currency }
        asset { id name }
        explanation { text quantity unit unitPrice amount }
      }
    }
  }
`);
export type StatementDetail = NonNullable<ResultOf<typeof statementQuery>['statement']>;
export type StatementLine = StatementDetail['lines'][number];

/** What a statement's lines rest on, in figures. */
export const statementEvidenceQuery = graphql(`
  query StatementEvidence($id: ID!) {
    statement(id: $id) {
      id
      lines {
        id
        evidence {
          windowCount
          estimatedCount
          messageCount
          missingCount
          assets { windowCount quantity { value unit } asset { id name site { timeZone } } }
        }
      }
    }
  }
`);
export type LineEvidence = NonNullable<
  ResultOf<typeof statementEvidenceQuery>['statement']
>['lines'][number]['evidence'];

export const evidenceWindowsQuery = graphql(`
  query EvidenceWindows($id: ID!, $assetId: ID!, $first: Int!, $after: String) {
    statement(id: $id) {
      id
      lines {
        id
        evidence {
          windows(first: $first, after: $after, assetId: $assetId) {
            totalCount
            pageInfo { hasNextPage endCursor }
            edges {
              node {
                hour
                quality
                version
                messages
                quantity { value unit }
                fromReading { thingName boot seq at value }
                toReading { thingName boot seq at value }
              }
            }
          }
        }
      }
    }
  }
`);

export const evidenceIntervalsQuery = graphql(
  `
  query EvidenceIntervals($id: ID!, $assetId: ID!, $first: Int!, $after: String) {
    statement(id: $id) {
      id
      lines {
        id
        evidence {
          intervals(first: $first, after: $after, assetId: $assetId) {
            totalCount
            pageInfo { hasNextPage endCursor }
            edges { node { interval { ...IntervalFields } } }
          }
        }
      }
    }
  }
`,
  [intervalFields],
);

export const evidenceMessagesQuery = graphql(`
  query EvidenceMessages($id: ID!, $assetId: ID!, $from: DateTime!, $to: DateTime!, $first: Int!, $after: String) {
    statement(id: $id) {
      id
      lines {
        id
        evidence {
          messages(assetId: $assetId, from: $from, to: $to, first: $first, after: $after) {
            totalCount
            pageInfo { hasNextPage endCursor }
            edges { node { thingName boot seq at storedAt values { metric value unit } } }
          }
        }
      }
    }
  }
`);
