import { graphql, type ResultOf } from '../graphql.js';

export const executionFields = graphql(`
  fragment ExecutionFields on CommandExecution {
    id
    command
    title
    state
    version
    arguments
    result
    resultFaults { field rule }
    log
    progressPercent
    progressStep
    reasonCode
    reasonDescription
    requestedBy
    createdAt
    sentAt
    startedAt
    endedAt
    expiresAt
    deadlineAt
    late
    updatedAt
  }
`);
export type Execution = ResultOf<typeof executionFields>;

export const deviceCommandsQuery = graphql(
  `
  query DeviceCommands($id: ID!) {
    device(id: $id) {
      id
      commandExecutions(first: 20) { totalCount edges { node { ...ExecutionFields } } }
    }
  }
`,
  [executionFields],
);

export const commandExecutionLive = graphql(
  `
  subscription CommandExecutions($executionIds: [ID!]) {
    commandExecutions(executionIds: $executionIds) { ...ExecutionFields }
  }
`,
  [executionFields],
);

/** Models with what may be asked of their devices. */
export const catalogueQuery = graphql(`
  query Catalogue {
    models {
      id
      name
      title
      commands { id name title version argumentsSchema timeoutSeconds expirySeconds }
    }
  }
`);
export type CommandDefinition = ResultOf<typeof catalogueQuery>['models'][number]['commands'][number];

export const sendCommand = graphql(
  `
  mutation SendCommand($input: SendCommandInput!) { sendCommand(input: $input) { ...ExecutionFields } }
`,
  [executionFields],
);

export const sendCommands = graphql(
  `
  mutation SendCommands($input: SendCommandsInput!) {
    sendCommands(input: $input) {
      executions { ...ExecutionFields device { id thingName } }
      leftOut { id reason }
    }
  }
`,
  [executionFields],
);
export type SentCommands = ResultOf<typeof sendCommands>['sendCommands'];

export const cancelCommand = graphql(`
  mutation CancelCommand($id: ID!) { cancelCommand(id: $id) { id state } }
`);
