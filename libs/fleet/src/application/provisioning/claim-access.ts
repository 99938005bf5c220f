import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { DeviceStore } from '../../storage/device.store.js';
import { ClaimBatchStore } from '../../storage/provisioning/claim-batch.store.js';
import { IssuedCertificateStore } from '../../storage/provisioning/issued-certificate.store.js';
import { TemplateStore } from '../../storage/provisioning/template.store.js';

export type ClaimAuthentication =
  | { readonly accepted: true; readonly kind: 'claim'; readonly claimId: string; readonly templateName: string }
  | { readonly accepted: false; readonly reason: ClaimRefusal };

export type ClaimRefusal = 'deactivated_claim' | 'expired_claim' | 'pending_certificate' | 'unknown_certificate';

/** Whether the holder of a claim certificate may connect, and under which client id. */
@Injectable()
export class ClaimAccess {
  constructor(
    private readonly database: Database,
    private readonly batches: ClaimBatchStore,
    private readonly templates: TemplateStore,
    private readonly issued: IssuedCertificateStore,
    private readonly devices: DeviceStore,
    private readonly clock: Clock,
  ) {}

  /** For a certificate that is no device's. A batch that is used up may connect: a board may have lost its last answer. */
  async authenticate(fingerprint: string): Promise<ClaimAuthentication> {
    return this.database.read(everyCustomer, async (em) => {
      const batch = await this.batches.byFingerprint(em, fingerprint);
      if (!batch) {
        const pending = await this.issued.isPending(em, fingerprint);
        return { accepted: false, reason: pending ? 'pending_certificate' : 'unknown_certificate' } as const;
      }
      if (batch.deactivatedAt) return { accepted: false, reason: 'deactivated_claim' } as const;
      if (batch.expiresAt <= this.clock.now()) return { accepted: false, reason: 'expired_claim' } as const;
      const template = await this.templates.byId(em, batch.templateId);
      return { accepted: true, kind: 'claim', claimId: batch.id, templateName: template?.name ?? '' } as const;
    });
  }

  /** Not a thing's, unless that thing was made of the same claim and has not connected: its board may have lost the answer. */
  async mayUseClientId(claimId: string, clientId: string): Promise<boolean> {
    return this.database.read(everyCustomer, async (em) => {
      const device = await this.devices.byThingName(em, clientId);
      if (!device) return true;
      return device.lastSeenAt === null && (await this.issued.madeBy(em, claimId, device.id));
    });
  }
}
