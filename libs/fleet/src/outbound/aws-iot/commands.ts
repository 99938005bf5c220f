import {
  ConflictException,
  CreateCommandCommand,
  DeleteCommandCommand,
  DescribeEndpointCommand,
  GetCommandExecutionCommand,
  type GetCommandExecutionResponse,
  type IoTClient,
  ListCommandExecutionsCommand,
} from '@aws-sdk/client-iot';
import { type IoTJobsDataPlaneClient, StartCommandExecutionCommand } from '@aws-sdk/client-iot-jobs-data-plane';
import { DomainError } from '@throughline/kernel';
import type { AwsCommandAnswer, AwsCommands } from './aws-iot.js';
import { calling, unlessMissing } from './failures.js';
import type { ThingsAtAws } from './things.js';

/** Commands: one of AWS IoT's for each execution of ours, with the payload in it, deleted when it has ended. */
export class CommandsAtAws implements AwsCommands {
  private client: Promise<IoTJobsDataPlaneClient> | undefined;

  constructor(
    private readonly iot: IoTClient,
    private readonly things: ThingsAtAws,
    private readonly connect: (endpoint: string) => IoTJobsDataPlaneClient,
  ) {}

  async start(command: { id: string; thingName: string; payload: string; timeoutSeconds: number }): Promise<void> {
    const { id, thingName, payload, timeoutSeconds } = command;
    const targetArn = await this.things.arnOf(thingName);
    await calling(`command ${id}`, async () => {
      await this.create(id, payload);
      const jobsData = await this.jobsData();
      await jobsData.send(
        new StartCommandExecutionCommand({
          targetArn,
          commandArn: arnOf(targetArn, id),
          executionTimeoutSeconds: timeoutSeconds,
          clientToken: id,
        }),
      );
    });
  }

  async answer(id: string, thingName: string): Promise<AwsCommandAnswer | undefined> {
    const targetArn = await this.things.arnOf(thingName);
    return unlessMissing(`command ${id}`, async () => {
      const { commandExecutions } = await this.iot.send(
        new ListCommandExecutionsCommand({ namespace: 'AWS-IoT', commandArn: arnOf(targetArn, id), maxResults: 1 }),
      );
      const executionId = commandExecutions?.[0]?.executionId;
      if (!executionId) return undefined;
      return toAnswer(
        await this.iot.send(new GetCommandExecutionCommand({ executionId, targetArn, includeResult: true })),
      );
    });
  }

  async delete(id: string): Promise<void> {
    await unlessMissing(`command ${id}`, () => this.iot.send(new DeleteCommandCommand({ commandId: id })));
  }

  private async create(id: string, payload: string): Promise<void> {
    try {
      await this.iot.send(
        new CreateCommandCommand({
          commandId: id,
          namespace: 'AWS-IoT',
          payload: { content: Buffer.from(payload), contentType: 'application/json' },
        }),
      );
    } catch (error) {
      // The id is ours: a try before this one made it.
      if (!(error instanceof ConflictException)) throw error;
    }
  }

  /** Commands are started at an endpoint of the account's own, which the control plane names. */
  private jobsData(): Promise<IoTJobsDataPlaneClient> {
    this.client ??= this.find().catch((error: unknown) => {
      this.client = undefined;
      throw error;
    });
    return this.client;
  }

  private async find(): Promise<IoTJobsDataPlaneClient> {
    const { endpointAddress } = await this.iot.send(new DescribeEndpointCommand({ endpointType: 'iot:Jobs' }));
    if (!endpointAddress) throw new DomainError('UNAVAILABLE', 'AWS IoT named no endpoint for jobs');
    return this.connect(endpointAddress);
  }
}

const arnOf = (thingArn: string, commandId: string): string =>
  `${thingArn.slice(0, thingArn.indexOf(':thing/'))}:command/${commandId}`;

function toAnswer({ status, statusReason, result }: GetCommandExecutionResponse): AwsCommandAnswer | undefined {
  if (!status) return undefined;
  const { reasonCode, reasonDescription } = statusReason ?? {};
  return {
    status,
    ...(reasonCode && { statusReason: { reasonCode, ...(reasonDescription && { reasonDescription }) } }),
    ...(result && {
      result: Object.fromEntries(
        Object.entries(result).map(([key, { S, B, BIN }]) => [
          key,
          {
            ...(S !== undefined && { s: S }),
            ...(B !== undefined && { b: B }),
            ...(BIN !== undefined && { bin: Buffer.from(BIN).toString('base64') }),
          },
        ]),
      ),
    }),
  };
}
