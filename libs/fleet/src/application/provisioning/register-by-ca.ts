import { X509Certificate } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import * as x509 from '@peculiar/x509';
import { Clock } from '@throughline/kernel';
import { Database, Downlink, everyCustomer } from '@throughline/platform';
import { normalFingerprint } from '../../domain/certificate-profile.js';
import { ProvisioningRefusal } from '../../domain/provisioning/refusal.js';
import {
  IMPLICIT_PREFIX,
  type Parameters,
  type ProvisioningTemplate,
  resolvedParameters,
  thingNameOf,
} from '../../domain/provisioning/template.js';
import { CertificateStore } from '../../storage/certificate.store.js';
import { type RegisteredCa, RegisteredCaStore } from '../../storage/provisioning/registered-ca.store.js';
import { TemplateStore } from '../../storage/provisioning/template.store.js';
import { DirectoryChanges } from '../directory-changes.js';
import { MakeThing } from './make-thing.js';
import { ProvisioningHook } from './provisioning-hook.js';
import { RecordAttempt } from './record-attempt.js';

export interface UnknownCertificate {
  readonly der: Buffer;
  readonly clientId: string;
  readonly remoteAddress: string | null;
}

export type RegisteredByCa =
  | { readonly outcome: 'registered'; readonly thingName: string }
  | { readonly outcome: 'refused'; readonly reason: string }
  /** It is of no registered CA. */
  | { readonly outcome: 'foreign' };

/** Parts of a subject by the names AWS IoT gives them. */
const subjectParts = {
  CommonName: 'CN',
  SerialNumber: '2.5.4.5',
  Organization: 'O',
  OrganizationalUnit: 'OU',
  Country: 'C',
  StateName: 'ST',
  DistinguishedNameQualifier: '2.5.4.46',
} as const;

/** Just-in-time provisioning: the first connection with a certificate of a registered CA makes the device. */
@Injectable()
export class RegisterByCa {
  constructor(
    private readonly database: Database,
    private readonly cas: RegisteredCaStore,
    private readonly templates: TemplateStore,
    private readonly certificates: CertificateStore,
    private readonly hook: ProvisioningHook,
    private readonly makeThing: MakeThing,
    private readonly downlink: Downlink,
    private readonly attempts: RecordAttempt,
    private readonly directory: DirectoryChanges,
    private readonly clock: Clock,
  ) {}

  /** Parameters are parts of the certificate's subject. Of connections that come at once one makes the device. */
  async run(unknown: UnknownCertificate): Promise<RegisteredByCa> {
    const certificate = new X509Certificate(unknown.der);
    const ca = await this.issuerOf(certificate);
    if (!ca) return { outcome: 'foreign' };
    const { clientId, remoteAddress } = unknown;
    const parameters = parametersOf(unknown.der);
    const fingerprint = normalFingerprint(certificate.fingerprint256);
    const attempt = {
      operation: 'register_by_ca',
      caId: ca.id,
      clientId,
      remoteAddress,
      parameters,
      fingerprint,
    } as const;
    try {
      return await this.attempts.keepingRefusals(
        () => attempt,
        async () => {
          const { template, values } = await this.valuesFor(ca, certificate, clientId, parameters);
          const thingName = thingNameOf(template, values);
          const deviceId = await this.database.transaction(everyCustomer, async (em) => {
            await em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [fingerprint]);
            if (await this.certificates.byFingerprint(em, fingerprint)) return undefined;
            const device = await this.makeThing.run(em, {
              thingName,
              modelId: template.modelId,
              certificate: {
                fingerprint,
                serialNumber: certificate.serialNumber.toLowerCase().slice(0, 64),
                notBefore: new Date(certificate.validFrom),
                notAfter: new Date(certificate.validTo),
              },
              sameSource: async () => false,
            });
            await this.downlink.send(em, [this.news(ca, fingerprint)]);
            await this.attempts.accepted(em, { ...attempt, thingName });
            return device.id;
          });
          if (deviceId !== undefined) this.directory.announce([deviceId]);
          return { outcome: 'registered', thingName };
        },
      );
    } catch (error) {
      if (error instanceof ProvisioningRefusal) return { outcome: 'refused', reason: error.message };
      throw error;
    }
  }

  private async issuerOf(certificate: X509Certificate): Promise<RegisteredCa | undefined> {
    const all = await this.database.read(everyCustomer, (em) => this.cas.all(em));
    return all.find(({ certificatePem }) => {
      const ca = new X509Certificate(certificatePem);
      return certificate.checkIssued(ca) && certificate.verify(ca.publicKey);
    });
  }

  private async valuesFor(
    ca: RegisteredCa,
    certificate: X509Certificate,
    clientId: string,
    parameters: Parameters,
  ): Promise<{ template: ProvisioningTemplate; values: Parameters }> {
    const now = this.clock.now();
    if (ca.deactivatedAt) throw new ProvisioningRefusal('ClaimNotActive', 'the CA is deactivated');
    if (new Date(certificate.validFrom) > now || new Date(certificate.validTo) <= now)
      throw new ProvisioningRefusal('ClaimNotActive', 'the certificate is not valid now');
    const template = await this.database.read(everyCustomer, (em) => this.templates.byId(em, ca.templateId));
    if (!template) throw new ProvisioningRefusal('ResourceNotFound', 'the template of the CA is gone');
    const fingerprint = normalFingerprint(certificate.fingerprint256);
    const implicit = Object.fromEntries(
      Object.entries({ ...parameters, Id: fingerprint }).map(([name, value]) => [`${IMPLICIT_PREFIX}${name}`, value]),
    );
    const values = resolvedParameters(template, parameters, implicit);
    if (template.hookUrl === null) return { template, values };
    const overrides = await this.hook.ask(template.hookUrl, {
      caCertificateId: ca.fingerprint,
      certificateId: fingerprint,
      certificatePem: certificate.toString(),
      templateName: template.name,
      clientId,
      parameters: { ...parameters, ...values },
    });
    return { template, values: resolvedParameters(template, { ...parameters, ...overrides }, implicit) };
  }

  private news(ca: RegisteredCa, certificateId: string) {
    const timestamp = this.clock.now().getTime();
    return {
      topic: `$aws/events/certificates/registered/${ca.fingerprint}`,
      payload: JSON.stringify({
        certificateId,
        caCertificateId: ca.fingerprint,
        timestamp,
        certificateStatus: 'ACTIVE',
        certificateRegistrationTimestamp: timestamp,
      }),
    };
  }
}

function parametersOf(der: Buffer): Parameters {
  const { subjectName } = new x509.X509Certificate(new Uint8Array(der));
  return Object.fromEntries(
    Object.entries(subjectParts).flatMap(([name, part]) => {
      const [value] = subjectName.getField(part);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
