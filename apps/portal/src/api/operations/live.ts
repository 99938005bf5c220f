import { graphql, type ResultOf } from '../graphql.js';

export const liveFields = graphql(`
  fragment LiveFields on AssetLive {
    assetId
    category
    state
    fraction
    since
    at
    connected
    values { metric value unit }
  }
`);
export type Live = ResultOf<typeof liveFields>;
export type Category = Live['category'];

export const assetLive = graphql(
  `
  subscription AssetLive($assetIds: [ID!]) {
    assetLive(assetIds: $assetIds) { ...LiveFields }
  }
`,
  [liveFields],
);
