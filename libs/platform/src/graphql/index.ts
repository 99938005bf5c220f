export { MoneyType, moneyType, QuantityType, quantityType } from './amounts.js';
export {
  GraphqlCallers,
  type GraphqlContext,
  type HttpCaller,
  MutationJournal,
  type MutationOutcome,
  type SocketSession,
} from './context.js';
export { type CursorKey, decodeCursor, encodeCursor } from './cursor.js';
export { Cost } from './decorators.js';
export { formatError, knownFailure } from './errors.js';
export { keysetPage, type SortColumn } from './keyset.js';
export { costOf, requestLimits, textFaults } from './limits.js';
export { type LiveFeed, liveFeed } from './live.js';
export { forgetLoaded, grouped, inOrder, loader } from './loaders.js';
export {
  type Connection,
  connectionOf,
  connectionOfAll,
  PageInfo,
  PageInput,
  type PageRequest,
  Paginated,
  pageArgs,
} from './pages.js';
export { currentRequestId, requestIdFrom, withRequestId } from './request-id.js';
export { GraphQLDecimal, GraphQLISODateTime, GraphQLJSON, GraphQLJSONObject } from './scalars.js';
