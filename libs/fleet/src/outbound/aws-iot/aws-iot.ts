import type { ExecutionStatus, StatusDetails } from '../../domain/iot-jobs/execution.js';
import type { IotJob } from '../../domain/iot-jobs/iot-job.js';
import type { JsonObject } from '../../domain/shadow/json.js';

/** The port, or undefined: then the gateway itself answers devices. */
export const AWS_IOT = Symbol('AWS_IOT');

/** A job at most has so many targets at AWS IoT. */
export const MAX_AWS_TARGETS = 100;

/**
 * AWS IoT Core in the gateway's place. Every writing call is safe to repeat: what is there already, or gone already, is success.
 * Failures come as DomainError: RATE_LIMITED and UNAVAILABLE may be tried again, INVALID_INPUT and STATE_CONFLICT will fail again.
 */
export interface AwsIot {
  readonly things: AwsThings;
  readonly shadows: AwsShadows;
  readonly jobs: AwsJobs;
  readonly commands: AwsCommands;
}

export interface AwsThings {
  create(thingName: string): Promise<void>;
  /** Registers the certificate, good at once, and gives it to the thing with the policy of devices. */
  addCertificate(thingName: string, certificatePem: string): Promise<void>;
  /** Ids of the certificates it has there, also of those it got there by provisioning. */
  certificates(thingName: string): Promise<string[]>;
  /** `certificateId`: SHA-256 of the DER in hex. False when AWS IoT does not know it. */
  setCertificate(certificateId: string, status: 'ACTIVE' | 'INACTIVE'): Promise<boolean>;
  /** Its certificates stay, attached to nothing. */
  delete(thingName: string): Promise<void>;
}

/** Names: '' is the classic shadow. */
export interface AwsShadows {
  /** The document as AWS IoT gives it (`state`, `metadata`, `version`, `timestamp`); undefined when there is none. */
  get(thingName: string, name: string): Promise<unknown>;
  /** Errors beside the usual ones: STATE_CONFLICT when it has another version. */
  setDesired(
    shadow: { readonly thingName: string; readonly name: string },
    change: { readonly desired: JsonObject; readonly version?: number | undefined },
  ): Promise<void>;
  delete(thingName: string, name: string): Promise<void>;
}

export interface AwsExecution {
  readonly executionNumber: number;
  readonly versionNumber: number;
  readonly status: ExecutionStatus;
  readonly statusDetails: StatusDetails;
  readonly queuedAt: Date;
  readonly startedAt: Date | null;
  readonly lastUpdatedAt: Date;
}

export interface AwsJobs {
  create(job: IotJob, thingNames: readonly string[]): Promise<void>;
  cancel(jobId: string, force: boolean): Promise<void>;
  /** Also while it is in progress. */
  delete(jobId: string): Promise<void>;
  cancelExecution(jobId: string, thingName: string, force: boolean): Promise<void>;
  /** Whether nothing of the job is pending any more; undefined when there is no such job. */
  ended(jobId: string): Promise<boolean | undefined>;
  /** The latest execution of the job on the thing, or the one of that number. */
  execution(jobId: string, thingName: string, executionNumber?: number): Promise<AwsExecution | undefined>;
}

export interface AwsCommandAnswer {
  readonly status: 'CREATED' | 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'REJECTED' | 'TIMED_OUT';
  readonly statusReason?: { readonly reasonCode: string; readonly reasonDescription?: string } | undefined;
  /** As devices send it: `{key: {s?, b?, bin?}}`, `bin` in base64. */
  readonly result?: Readonly<Record<string, { s?: string; b?: boolean; bin?: string }>> | undefined;
}

/** AWS IoT names executions itself; here a command of ours is made for each of them, named by our execution's id. */
export interface AwsCommands {
  /** JSON to one device, which must be connected. */
  start(command: { id: string; thingName: string; payload: string; timeoutSeconds: number }): Promise<void>;
  /** How far it is; undefined when it is not there. */
  answer(id: string, thingName: string): Promise<AwsCommandAnswer | undefined>;
  /** Forgets it. */
  delete(id: string): Promise<void>;
}
