import type { DeviceState } from './device-state.js';

/** A machine that was sold or is provided. */
export interface Asset {
  readonly id: string;
  readonly customerId: string;
  readonly siteId: string;
  readonly modelId: string;
  readonly serialNumber: string;
  readonly name: string;
  /** Where at the site: "hall 2". */
  readonly location: string;
  readonly inServiceSince: Date;
  readonly retiredAt: Date | null;
}

/** The controller that speaks for an asset. `customerId` is that of the running installation. */
export interface Device {
  readonly id: string;
  readonly thingName: string;
  readonly modelId: string;
  readonly customerId: string | null;
  readonly state: DeviceState;
  readonly createdAt: Date;
  /** When it last connected or disconnected. */
  readonly lastSeenAt: Date | null;
  readonly tags: Readonly<Record<string, string>>;
  /** What it last said that it runs; null: it never did. */
  readonly firmwareVersion: string | null;
}

/** Device ↔ asset in [from, to); `to` null while it runs. */
export interface Installation {
  readonly id: string;
  readonly deviceId: string;
  readonly assetId: string;
  readonly customerId: string;
  readonly from: Date;
  readonly to: Date | null;
  /** The device is lent: it goes back when the asset's own is repaired. */
  readonly loan: boolean;
}

export interface Certificate {
  readonly id: string;
  readonly deviceId: string;
  /** SHA-256 of the DER, lower-case hex: AWS IoT's certificate id. */
  readonly fingerprint: string;
  /** Hex. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly state: 'active' | 'revoked';
  readonly revokedAt: Date | null;
  /** The certificate that ends when this one has connected. */
  readonly replacesId?: string | null;
}

/** Why a connection ended. */
export const disconnectReasons = [
  'client_disconnect',
  'keep_alive_timeout',
  'connection_lost',
  'taken_over',
  'refused',
  'access_ended',
  'gateway_stopped',
  'gateway_lost',
  'installation_changed',
] as const;

export type DisconnectReason = (typeof disconnectReasons)[number];

/** One connection of a device in [connectedAt, disconnectedAt); null while it lasts. */
export interface PresenceInterval {
  readonly id: string;
  readonly deviceId: string;
  readonly clientId: string;
  readonly gateway: string;
  readonly remoteAddress: string | null;
  readonly connectedAt: Date;
  readonly disconnectedAt: Date | null;
  readonly reason: string | null;
}
