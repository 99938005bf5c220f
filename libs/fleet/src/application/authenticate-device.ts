import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer, Gather, Logger } from '@throughline/platform';
import { normalFingerprint } from '../domain/certificate-profile.js';
import { type DeviceState, deviceLifeCycle } from '../domain/device-state.js';
import type { Certificate, Device } from '../domain/registry.js';
import { isThingName } from '../domain/thing-name.js';
import { CertificateStore } from '../storage/certificate.store.js';
import { DeviceStore } from '../storage/device.store.js';
import { ClaimAccess, type ClaimAuthentication, type ClaimRefusal } from './provisioning/claim-access.js';

export type RefusalReason =
  | ClaimRefusal
  | 'unknown_thing'
  | 'revoked_certificate'
  | 'expired_certificate'
  | 'suspended_device'
  | 'retired_device';

export type Authentication =
  | {
      readonly accepted: true;
      readonly kind: 'device';
      readonly deviceId: string;
      readonly thingName: string;
      readonly modelId: string;
      /** One that may connect; what a quarantined device says goes to quarantine. */
      readonly state: DeviceState;
      /** Whether its certificate was made to replace another one. */
      readonly rotated: boolean;
    }
  /** A board of a batch, which may ask to become a device and nothing else. */
  | Extract<ClaimAuthentication, { accepted: true }>
  | { readonly accepted: false; readonly reason: RefusalReason };

type DeviceAuthentication = Extract<Authentication, { kind: 'device' }>;
type Refused = Extract<Authentication, { accepted: false }>;

/** Whether the holder of a certificate may connect, and as which thing: the registry decides, not the name in the certificate. */
interface Holder {
  readonly certificate: Certificate;
  readonly device: Device;
}

/** Certificates of one query, when a whole fleet comes back at once. */
const BATCH = 500;

@Injectable()
export class AuthenticateDevice {
  private readonly gathered = new Gather<string, Holder | undefined>(
    { limit: BATCH, key: (fingerprint) => fingerprint },
    (fingerprints) => this.holders(fingerprints),
  );
  private readonly named = new Gather<string, Device | undefined>(
    { limit: BATCH, key: (thingName) => thingName },
    (thingNames) => this.things(thingNames),
  );

  constructor(
    private readonly database: Database,
    private readonly certificates: CertificateStore,
    private readonly devices: DeviceStore,
    private readonly claims: ClaimAccess,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** `fingerprint`: SHA-256 of the certificate's DER in hex, with or without colons. A refusal is logged here. */
  async run(fingerprint: string): Promise<Authentication> {
    const wanted = normalFingerprint(fingerprint);
    const holder = await this.gathered.run(wanted);
    if (!holder) {
      const claim = await this.claims.authenticate(wanted);
      return claim.accepted ? claim : this.refuse(claim.reason, wanted);
    }
    const { certificate, device } = holder;
    const reason = this.faultOf(certificate) ?? faultOfState(device);
    return reason ? this.refuse(reason, wanted, device.thingName) : accept(device, Boolean(certificate.replacesId));
  }

  /** For the unencrypted listener on loopback alone, where a client only says who it is. */
  async byThingName(thingName: string): Promise<DeviceAuthentication | Refused> {
    const device = isThingName(thingName) ? await this.named.run(thingName) : undefined;
    if (!device) return this.refuse('unknown_thing', undefined, thingName);
    const reason = faultOfState(device);
    return reason ? this.refuse(reason, undefined, thingName) : accept(device, false);
  }

  private async things(thingNames: readonly string[]): Promise<(Device | undefined)[]> {
    const devices = await this.database.read(everyCustomer, (em) => this.devices.byThingNames(em, thingNames));
    const byName = new Map(devices.map((device) => [device.thingName, device]));
    return thingNames.map((thingName) => byName.get(thingName));
  }

  private async holders(fingerprints: readonly string[]): Promise<(Holder | undefined)[]> {
    return this.database.read(everyCustomer, async (em) => {
      const certificates = await this.certificates.byFingerprints(em, fingerprints);
      const devices = await this.devices.byIds(
        em,
        certificates.map((certificate) => certificate.deviceId),
      );
      const [of, byId] = [new Map(certificates.map((c) => [c.fingerprint, c])), new Map(devices.map((d) => [d.id, d]))];
      return fingerprints.map((fingerprint) => {
        const certificate = of.get(fingerprint);
        const device = certificate && byId.get(certificate.deviceId);
        return device && { certificate, device };
      });
    });
  }

  private faultOf(certificate: Certificate): RefusalReason | undefined {
    if (certificate.state === 'revoked') return 'revoked_certificate';
    return certificate.notAfter <= this.clock.now() ? 'expired_certificate' : undefined;
  }

  private refuse(reason: RefusalReason, fingerprint?: string, thingName?: string): Refused {
    this.logger.warn({ fingerprint, thingName, reason }, 'a device was refused');
    return { accepted: false, reason };
  }
}

function faultOfState({ state }: Device): RefusalReason | undefined {
  if (deviceLifeCycle[state].connects) return undefined;
  return state === 'retired' ? 'retired_device' : 'suspended_device';
}

const accept = ({ id, thingName, modelId, state }: Device, rotated: boolean): DeviceAuthentication => ({
  accepted: true,
  kind: 'device',
  deviceId: id,
  thingName,
  modelId,
  state,
  rotated,
});
