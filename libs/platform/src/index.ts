export type { EntityManager } from '@mikro-orm/postgresql';
export { covers, type DataScope, everyCustomer, onlyCustomers } from '@throughline/kernel';
export { type AwsConfig, CONFIG, type Config, loadConfig } from './config/config.js';
export { type BulkConnection, copyIn } from './database/copy-in.js';
export { Database, sqlState, violatedConstraint } from './database/database.js';
export { Gather } from './database/gather.js';
export { migrate } from './database/migrate.js';
export { withStatementTimeout } from './database/statement-timeout.js';
export {
  type DeviceConnection,
  type DeviceHandlers,
  type DeviceLink,
  DeviceListener,
  type LinkAnswer,
  type LinkEnd,
  type LinkRequest,
  type Publication,
} from './device-bus/device-listener.js';
export { type DeviceMessage, Downlink } from './device-bus/downlink.js';
export {
  type Connection,
  Cost,
  type CursorKey,
  connectionOf,
  connectionOfAll,
  costOf,
  currentRequestId,
  decodeCursor,
  encodeCursor,
  forgetLoaded,
  formatError,
  GraphQLDecimal,
  GraphQLISODateTime,
  GraphQLJSON,
  GraphQLJSONObject,
  GraphqlCallers,
  type GraphqlContext,
  grouped,
  type HttpCaller,
  inOrder,
  keysetPage,
  knownFailure,
  type LiveFeed,
  liveFeed,
  loader,
  MoneyType,
  MutationJournal,
  type MutationOutcome,
  moneyType,
  PageInfo,
  PageInput,
  type PageRequest,
  Paginated,
  pageArgs,
  QuantityType,
  quantityType,
  requestIdFrom,
  requestLimits,
  type SocketSession,
  type SortColumn,
  textFaults,
  withRequestId,
} from './graphql/index.js';
export { type LiveChannel, LiveSignals } from './live/live-signals.js';
export { Logger, withLogFields } from './logging/logger.js';
export { Metrics } from './metrics/metrics.js';
export {
  defineEvent,
  defineJob,
  type EventDeclaration,
  type JobContext,
  type JobDeclaration,
  type JobHandler,
  type QueueName,
} from './outbox/declarations.js';
export { Outbox } from './outbox/outbox.js';
export { OutboxRelay } from './outbox/outbox-relay.js';
export { PlatformModule } from './platform.module.js';
export { runProcess, type StartedService } from './process/run-process.js';
export { type HandledJob, HandlesJob, JobRegistry } from './queue/handlers.js';
export { JobRunner } from './queue/job-runner.js';
export { Queues } from './queue/queues.js';
export { runJob } from './queue/run-job.js';
export { Secrets } from './secrets/secrets.js';
