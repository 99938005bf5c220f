import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import {
  type DynamicModule,
  Inject,
  Injectable,
  Module,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import { GraphQLModule, GraphQLSchemaHost } from '@nestjs/graphql';
import { Clock } from '@throughline/kernel';
import { NoSchemaIntrospectionCustomRule } from 'graphql';
import { CONFIG, type Config } from '../config/config.js';
import { Logger } from '../logging/logger.js';
import { Metrics } from '../metrics/metrics.js';
import { GraphqlCallers, type HttpCaller, MutationJournal } from './context.js';
import { formatError } from './errors.js';
import { EdgeExceptionFilter } from './exception.filter.js';
import { limitsRule, refuseHeavyText, requestLimits } from './limits.js';
import { guardPlugin, journalPlugin } from './plugins.js';
import { GraphQLISODateTime } from './scalars.js';
import { SocketServer } from './socket-server.js';
import { superviseResolvers } from './supervise.js';

export const GRAPHQL_PATH = '/graphql';

/** What a schema is built with, wherever it is built: `Date` fields are our strict `DateTime`. */
export const buildSchemaOptions = { scalarsMap: [{ type: Date, scalar: GraphQLISODateTime }] };

/** Opens the WebSocket side once the HTTP server exists, and closes it before the server drains. */
@Injectable()
class SocketHost implements OnApplicationBootstrap, OnModuleDestroy {
  private server: SocketServer | undefined;

  constructor(
    private readonly http: HttpAdapterHost,
    private readonly schema: GraphQLSchemaHost,
    private readonly callers: GraphqlCallers,
    private readonly logger: Logger,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.http.httpAdapter) return;
    this.server = new SocketServer({
      server: this.http.httpAdapter.getHttpServer(),
      path: GRAPHQL_PATH,
      schema: this.schema.schema,
      callers: this.callers,
      logger: this.logger,
      clock: this.clock,
      publicUrl: this.config.http.publicUrl,
      introspectionRules: this.config.production ? [NoSchemaIntrospectionCustomRule] : [],
    });
  }

  async onModuleDestroy(): Promise<void> {
    await this.server?.close();
  }
}

@Module({})
export class GraphqlPlumbingModule {
  /** The GraphQL endpoint over HTTP and WebSocket. `callers` are modules that provide GraphqlCallers and MutationJournal. */
  static for(callers: NonNullable<ModuleMetadata['imports']>): DynamicModule {
    return {
      module: GraphqlPlumbingModule,
      imports: [
        ...callers,
        GraphQLModule.forRootAsync<ApolloDriverConfig>({
          driver: ApolloDriver,
          imports: callers,
          inject: [CONFIG, Logger, Metrics, GraphqlCallers, MutationJournal],
          useFactory: (
            config: Config,
            logger: Logger,
            metrics: Metrics,
            callersOf: GraphqlCallers,
            journal: MutationJournal,
          ) => ({
            path: GRAPHQL_PATH,
            autoSchemaFile: true,
            buildSchemaOptions,
            transformSchema: superviseResolvers,
            fieldResolverEnhancers: ['guards'],
            context: (request: HttpCaller & { body?: unknown; query?: unknown }) => {
              refuseHeavyText(textOf(request.body) ?? textOf(request.query));
              return callersOf.ofRequest(request);
            },
            graphiql: false,
            introspection: !config.production,
            hideSchemaDetailsFromClientErrors: true,
            includeStacktraceInErrorResponses: false,
            allowBatchedHttpRequests: false,
            persistedQueries: false,
            csrfPrevention: true,
            parseOptions: { maxTokens: requestLimits.tokens },
            validationRules: [limitsRule],
            autoTransformHttpErrors: false,
            formatError,
            logger: apolloLogger(logger),
            plugins: [guardPlugin(logger, metrics), journalPlugin(journal)],
          }),
        }),
      ],
      providers: [SocketHost, { provide: APP_FILTER, useClass: EdgeExceptionFilter }],
      exports: [GraphQLModule],
    };
  }
}

const textOf = (from: unknown): unknown =>
  typeof from === 'object' && from !== null && 'query' in from ? from.query : undefined;

const apolloLogger = (logger: Logger): ApolloDriverConfig['logger'] => ({
  debug: (message) => logger.debug({}, String(message)),
  info: (message) => logger.debug({}, String(message)),
  warn: (message) => logger.warn({}, String(message)),
  error: (message) => logger.error({}, String(message)),
});
