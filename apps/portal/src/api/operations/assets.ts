import { graphql, type ResultOf } from '../graphql.js';
import { liveFields } from './live.js';

export const availabilityFields = graphql(`
  fragment AvailabilityFields on Availability {
    percent
    totalMs
    measuredMs
    excludedMs
    notMeasuredMs
    upMs
    downMs
    unknownMs
    byCategory { category ms }
  }
`);
export type Availability = ResultOf<typeof availabilityFields>;

export const guaranteeFields = graphql(
  `
  fragment GuaranteeFields on GuaranteeFigure {
    target
    met
    nextBandBelow
    leftMs
    creditPercent
    month
    availability { ...AvailabilityFields }
  }
`,
  [availabilityFields],
);
export type GuaranteeFigure = ResultOf<typeof guaranteeFields>;

export const intervalFields = graphql(`
  fragment IntervalFields on TimelineInterval {
    from
    to
    category
    fraction
    source
    detail
    evidence {
      messages
      first { thingName boot seq at }
      last { thingName boot seq at }
    }
  }
`);
export type Interval = ResultOf<typeof intervalFields>;

/** Who and where every machine is, with its live state: cheap, a hundred at a time. */
export const assetsQuery = graphql(
  `
  query Assets($first: Int!, $after: String, $filter: AssetFilter) {
    assets(first: $first, after: $after, filter: $filter) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges {
        node {
          id
          name
          serialNumber
          location
          model { id title }
          site { id name timeZone }
          customer { id name }
          live { ...LiveFields }
        }
      }
    }
  }
`,
  [liveFields],
);
export type AssetRow = ResultOf<typeof assetsQuery>['assets']['edges'][number]['node'];

/** The month's guarantee of every machine. */
export const assetGuaranteesQuery = graphql(
  `
  query AssetGuarantees($first: Int!, $after: String, $filter: AssetFilter) {
    assets(first: $first, after: $after, filter: $filter) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges { node { id guarantee { ...GuaranteeFields } } }
    }
  }
`,
  [guaranteeFields],
);

/** The strip of every machine; shorter intervals than minMs are merged. */
export const assetStripsQuery = graphql(`
  query AssetStrips($first: Int!, $after: String, $filter: AssetFilter, $from: DateTime!, $to: DateTime!, $minMs: Int!) {
    assets(first: $first, after: $after, filter: $filter) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges {
        node {
          id
          timeline(from: $from, to: $to, minMs: $minMs) { from to category fraction detail }
        }
      }
    }
  }
`);

export const assetQuery = graphql(
  `
  query Asset($id: ID!) {
    asset(id: $id) {
      id
      name
      serialNumber
      location
      inServiceSince
      model { id name title metrics { name title unit kind min max } }
      site { id name address timeZone }
      customer { id name }
      device { id thingName }
      live { ...LiveFields }
    }
  }
`,
  [liveFields],
);
export type AssetDetail = NonNullable<ResultOf<typeof assetQuery>['asset']>;

export const assetTimelineQuery = graphql(
  `
  query AssetTimeline($id: ID!, $from: DateTime!, $to: DateTime!, $minMs: Int!) {
    asset(id: $id) { id timeline(from: $from, to: $to, minMs: $minMs) { ...IntervalFields } }
  }
`,
  [intervalFields],
);

export const assetAvailabilityQuery = graphql(
  `
  query AssetAvailability($id: ID!, $month: String, $from: DateTime!, $to: DateTime!) {
    asset(id: $id) {
      id
      availability(from: $from, to: $to) { ...AvailabilityFields }
      guarantee(month: $month) { ...GuaranteeFields }
    }
  }
`,
  [availabilityFields, guaranteeFields],
);

/** Apart from the figures above, because some roles may not see contracts. */
export const assetContractQuery = graphql(`
  query AssetContract($id: ID!) {
    asset(id: $id) {
      id
      contract {
        id
        number
        timeZone
        terms {
          currency
          guarantees {
            key
            description
            target
            bands { below creditPercent }
            definition { up down excluded exclusions unknownMode unknownMinutes unknownThen degraded decimals }
          }
        }
      }
    }
  }
`);
export type AssetContract = NonNullable<ResultOf<typeof assetContractQuery>['asset']>['contract'];

export const assetUsageQuery = graphql(`
  query AssetUsage($id: ID!, $from: DateTime!, $to: DateTime!) {
    asset(id: $id) {
      id
      usage(from: $from, to: $to) { meter { id name title unit } quantity { value unit } quality windows }
      events(first: 30) { id at type code detail }
    }
  }
`);

export const assetDataQuery = graphql(`
  query AssetData($id: ID!, $from: DateTime!, $to: DateTime!) {
    asset(id: $id) {
      id
      completeness(from: $from, to: $to) { received missing lost provable share }
      gaps(from: $from, to: $to, first: 100) { thingName boot fromSeq toSeq messages from to state reason asked }
    }
  }
`);
export type AssetGap = NonNullable<ResultOf<typeof assetDataQuery>['asset']>['gaps'][number];

export const assetSeriesQuery = graphql(`
  query AssetSeries($id: ID!, $metric: String!, $from: DateTime!, $to: DateTime!, $maxPoints: Int!) {
    asset(id: $id) {
      id
      series(metric: $metric, from: $from, to: $to, maxPoints: $maxPoints) {
        metric
        unit
        thinned
        points { at value }
      }
    }
  }
`);

/** Machines to choose one of. */
export const assetChoicesQuery = graphql(`
  query AssetChoices($first: Int!, $after: String, $filter: AssetFilter) {
    assets(first: $first, after: $after, filter: $filter) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges { node { id name customer { name } device { id } } }
    }
  }
`);
