import type { IoTClientConfig } from '@aws-sdk/client-iot';
import type { AwsConfig } from '@throughline/platform';
import type { AwsIot } from '../src/outbound/aws-iot/aws-iot.js';
import { awsIot } from '../src/outbound/aws-iot/connect.js';

export const awsConfig: AwsConfig = {
  region: 'eu-central-1',
  endpoint: 'a1b2c3-ats.iot.eu-central-1.amazonaws.com',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  devicePolicy: 'throughline-device',
};

/** A request as it would have gone over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface WireAnswer {
  readonly status?: number;
  /** Name of an exception, as in AWS's header. */
  readonly error?: string;
  readonly body?: unknown;
  /** Carried out, and the connection breaks before the answer. */
  readonly lost?: boolean;
}

export type Answering = (request: WireRequest) => WireAnswer | undefined;

/** The real SDK clients, with this in place of the network. Everything not answered is `{}` with 200. */
export function fakeAws(answering: Answering = () => undefined): { aws: AwsIot; requests: WireRequest[] } {
  const requests: WireRequest[] = [];
  const requestHandler = {
    handle: async (raw: {
      method: string;
      hostname: string;
      path: string;
      query?: Record<string, unknown>;
      headers: Record<string, string>;
      body?: unknown;
    }) => {
      const request: WireRequest = {
        method: raw.method,
        host: raw.hostname,
        path: raw.path,
        query: raw.query ?? {},
        headers: raw.headers,
        body: bodyOf(raw.body),
      };
      requests.push(request);
      const answer = answering(request) ?? {};
      if (answer.lost) throw Object.assign(new Error('socket hang up'), { name: 'Error', code: 'EPIPE' });
      const headers: Record<string, string> = { 'content-type': 'application/json' };
      if (answer.error) headers['x-amzn-errortype'] = answer.error;
      const body = Buffer.from(JSON.stringify(answer.body ?? {}));
      return { response: { statusCode: answer.status ?? (answer.error ? 400 : 200), headers, body } };
    },
  } as unknown as NonNullable<IoTClientConfig['requestHandler']>;
  return { aws: awsIot(awsConfig, { requestHandler, maxAttempts: 1 }), requests };
}

function bodyOf(body: unknown): unknown {
  if (body === undefined || body === null) return undefined;
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body as Uint8Array);
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

/** `METHOD path`, as lists of what was asked are compared. */
export const asked = ({ method, path }: WireRequest): string => `${method} ${path}`;

export const thingArn = (thingName: string): string => `arn:aws:iot:eu-central-1:123456789012:thing/${thingName}`;
export const certificateArn = (id: string): string => `arn:aws:iot:eu-central-1:123456789012:cert/${id}`;
