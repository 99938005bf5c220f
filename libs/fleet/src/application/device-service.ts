import type { DeviceMessage } from '@throughline/platform';

/** Who speaks: a device, or a board that only has the claim certificate of its batch. */
export type Requester =
  | {
      readonly kind: 'device';
      readonly deviceId: string;
      readonly thingName: string;
      readonly clientId: string;
      /** Of the certificate it connected with, SHA-256 in hex; missing on an unencrypted listener and behind an outside broker. */
      readonly fingerprint?: string | undefined;
    }
  | {
      readonly kind: 'claim';
      readonly claimId: string;
      readonly clientId: string;
      readonly remoteAddress: string | null;
    };

/** A publication on one of AWS IoT's reserved topics. The broker has checked that the topic is the requester's own. */
export interface DeviceRequest {
  readonly requester: Requester;
  readonly topic: string;
  readonly payload: Buffer;
  readonly receivedAt: Date;
}

/** An answer goes to the requester's connection alone, news to every connection of the thing that subscribed. */
export interface DeviceReply extends DeviceMessage {
  readonly to: 'requester' | 'subscribers';
}

/**
 * A part of AWS IoT's device side: shadows, jobs, commands, provisioning. Requests of one thing are handled one after the
 * other in the order they came; the gateway sends the replies in order and acknowledges the request after `handle` resolved,
 * so what it promises must be committed by then.
 */
export abstract class DeviceService {
  abstract readonly for: Requester['kind'];
  /** Topics of requests: `{thing}` stands for the requester's thing name, `+` for one level. */
  abstract readonly requests: readonly string[];
  /** Refusals that a device may hear are replies, not errors; a rejected promise is answered by `failed`. */
  abstract handle(request: DeviceRequest): Promise<readonly DeviceReply[]>;
  /** What waited for a device that begins to listen on a filter of reserved topics, committed as sent; in the order of requests. */
  subscribed?(requester: Requester, filter: string): Promise<readonly DeviceReply[]>;
  /** The answer to a request that could not be handled: too many wait, or something is broken here. */
  abstract failed(request: DeviceRequest, why: 'throttled' | 'internal'): readonly DeviceReply[];
}
