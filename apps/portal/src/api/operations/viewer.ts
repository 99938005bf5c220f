import { graphql, type ResultOf } from '../graphql.js';

export const viewerQuery = graphql(`
  query Viewer {
    viewer { id email name role consoles permissions language organisation { id kind name } }
  }
`);
export type Viewer = ResultOf<typeof viewerQuery>['viewer'];
