import type { ApolloServerPlugin } from '@apollo/server';
import { errorCodes } from '@throughline/kernel';
import { GraphQLError, Kind, type OperationDefinitionNode } from 'graphql';
import type { Logger } from '../logging/logger.js';
import type { Metrics } from '../metrics/metrics.js';
import type { GraphqlContext, MutationJournal, MutationOutcome } from './context.js';
import { knownFailure } from './errors.js';
import { costFault } from './limits.js';
import { deadlines, startDeadline } from './supervise.js';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Refuses what costs too much, sets the deadline, logs failures by their kind and measures every operation. */
export function guardPlugin(logger: Logger, metrics: Metrics): ApolloServerPlugin<GraphqlContext> {
  const durations = metrics.histogram(
    'throughline_graphql_duration_seconds',
    'Time to answer a GraphQL operation',
    SECONDS,
    ['operation', 'outcome'],
  );
  return {
    async requestDidStart() {
      const stop = durations.startTimer();
      let cancel = (): void => undefined;
      return {
        async didResolveOperation({ schema, document, operation, request, contextValue }) {
          if (!operation) return;
          const fault = costFault(schema, document, operation, request.variables);
          if (fault) throw fault;
          const isMutation = operation.operation === 'mutation';
          const started = startDeadline(
            isMutation ? deadlines.mutation : deadlines.query,
            isMutation
              ? 'The answer took too long; the change may have been made, look before trying again'
              : 'The answer took too long',
          );
          contextValue.deadline = started.deadline;
          cancel = started.cancel;
        },
        async didEncounterErrors({ errors, operationName }) {
          for (const error of errors) logFailure(logger, error, operationName);
        },
        async willSendResponse({ operation, errors }) {
          cancel();
          stop({ operation: operation?.operation ?? 'none', outcome: errors?.length ? 'error' : 'ok' });
        },
      };
    },
  };
}

export function logFailure(logger: Logger, error: GraphQLError, operation: string | null | undefined): void {
  const failure = knownFailure(error);
  const fields = { operation, path: error.path?.join('.'), code: failure?.code ?? 'INTERNAL' };
  if (!failure) logger.error({ ...fields, err: error.originalError ?? error }, 'a request failed by a bug');
  else logger[errorCodes[failure.code].log]({ ...fields, reason: failure.message }, 'a request was refused or failed');
}

/** Tells the journal of every mutation, also of those refused before their resolver ran, before the answer goes out. */
export function journalPlugin(journal: MutationJournal): ApolloServerPlugin<GraphqlContext> {
  return {
    async requestDidStart({ contextValue }) {
      contextValue.outcomes = [];
      return {
        async willSendResponse({ operation, errors }) {
          if (operation?.operation !== 'mutation') return;
          const outcomes = contextValue.outcomes ?? [];
          await journal.record(contextValue, outcomes.length > 0 ? outcomes : notStarted(operation, errors?.[0]));
        },
      };
    },
  };
}

/** A mutation whose variables did not fit, or that cost too much: nothing ran, yet somebody tried. */
const notStarted = (operation: OperationDefinitionNode, error: GraphQLError | undefined): MutationOutcome[] =>
  operation.selectionSet.selections.flatMap((selection) =>
    selection.kind === Kind.FIELD
      ? [{ action: selection.name.value, args: {}, error: error ?? new GraphQLError('not run') }]
      : [],
  );
