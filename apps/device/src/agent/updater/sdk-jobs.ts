import { setTimeout as sleep } from 'node:timers/promises';
import { iotjobs, type mqtt } from 'aws-iot-device-sdk-v2';
import type { Execution } from './order.js';
import { NotConnected, type ReportedStatus, type UpdateJobs } from './update-jobs.js';

const LIMITS = { maxRequestResponseSubscriptions: 4, maxStreamingSubscriptions: 1, operationTimeoutInSeconds: 15 };
/** The service's words for a job that is not ours to do any more. */
const OVER = new Set(['InvalidStateTransition', 'ResourceNotFound', 'TerminalStateReached']);

/** How long requests under way are waited for at the end. */
const CLOSE_WAIT_MS = 1000;

/** Jobs over the device's connection. `connection` is told of each one, as the SDK's client belongs to it. */
export class SdkJobs implements UpdateJobs {
  readonly #thingName: string;
  readonly #news: () => void;
  #connection: mqtt.MqttClientConnection | undefined;
  #client: iotjobs.IotJobsClientv2 | undefined;
  #stream: ReturnType<iotjobs.IotJobsClientv2['createNextJobExecutionChangedStream']> | undefined;
  /** Ends the requests of the client when it is closed: the SDK leaves some of them without any answer. */
  #closing = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();

  /** `news`: called when there may be another job to do, also after each reconnect. */
  constructor(thingName: string, news: () => void) {
    this.#thingName = thingName;
    this.#news = news;
  }

  /** The connection is up, for the first time or again; undefined when it is given up. */
  connection(connection: mqtt.MqttClientConnection | undefined): void {
    if (connection !== this.#connection) {
      this.#stream?.close();
      this.#stream = undefined;
      this.#client?.close();
      this.#client = undefined;
      this.#closing.abort();
      this.#connection = connection;
      if (connection) this.#open(connection);
    }
    if (connection) this.#news();
  }

  /** Before the process ends: lets requests under way have their answer, then closes the client. */
  async close(): Promise<void> {
    await Promise.race([Promise.allSettled(this.#underWay), sleep(CLOSE_WAIT_MS)]);
    this.connection(undefined);
  }

  async next(): Promise<Execution | undefined> {
    const { execution } = await this.#ask((client) =>
      client.describeJobExecution({ thingName: this.#thingName, jobId: '$next', includeJobDocument: true }),
    );
    return execution && executionOf(execution);
  }

  async describe(jobId: string): Promise<Execution | undefined> {
    try {
      const { execution } = await this.#ask((client) =>
        client.describeJobExecution({ thingName: this.#thingName, jobId, includeJobDocument: true }),
      );
      return execution && executionOf(execution);
    } catch (error) {
      if (OVER.has(codeOf(error) ?? '')) return undefined;
      throw error;
    }
  }

  async update(
    { jobId, executionNumber }: Pick<Execution, 'jobId' | 'executionNumber'>,
    status: ReportedStatus,
    details: Readonly<Record<string, string>>,
  ): Promise<'taken' | 'over'> {
    try {
      await this.#ask((client) =>
        client.updateJobExecution({
          thingName: this.#thingName,
          jobId,
          executionNumber,
          status: iotjobs.model.JobStatus[status],
          statusDetails: { ...details },
        }),
      );
      return 'taken';
    } catch (error) {
      if (OVER.has(codeOf(error) ?? '')) return 'over';
      throw error;
    }
  }

  #open(connection: mqtt.MqttClientConnection): void {
    const client = iotjobs.IotJobsClientv2.newFromMqtt311(connection, LIMITS);
    this.#client = client;
    this.#closing = new AbortController();
    const stream = client.createNextJobExecutionChangedStream({ thingName: this.#thingName });
    // An exception within a native callback would abort the process without a word.
    stream.on('incomingPublish', () => process.nextTick(this.#news));
    stream.open();
    this.#stream = stream;
  }

  async #ask<T>(request: (client: iotjobs.IotJobsClientv2) => Promise<T>): Promise<T> {
    if (!this.#client) throw new NotConnected();
    const { signal } = this.#closing;
    let closed = (): void => undefined;
    const close = new Promise<never>((_, reject) => {
      closed = () => reject(new NotConnected());
      signal.addEventListener('abort', closed);
    });
    const answer = Promise.race([request(this.#client), close]);
    this.#underWay.add(answer);
    try {
      return await answer;
    } finally {
      this.#underWay.delete(answer);
      signal.removeEventListener('abort', closed);
    }
  }
}

function executionOf({ jobId, executionNumber, jobDocument }: iotjobs.model.JobExecutionData): Execution | undefined {
  if (!jobId) return undefined;
  const document: unknown = jobDocument;
  return {
    jobId,
    executionNumber: executionNumber ?? 1,
    document: typeof document === 'object' && document !== null ? { ...document } : {},
  };
}

/** The code with which the service refused; undefined for faults of another kind. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('modeledError' in error)) return undefined;
  const { modeledError } = error;
  if (typeof modeledError !== 'object' || modeledError === null || !('code' in modeledError)) return undefined;
  return typeof modeledError.code === 'string' ? modeledError.code : undefined;
}
