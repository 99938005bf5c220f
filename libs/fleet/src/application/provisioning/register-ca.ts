import { randomBytes, X509Certificate } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock, DomainError, type Fault, invalid, newId, notFound } from '@throughline/kernel';
import { Database, everyCustomer, Secrets } from '@throughline/platform';
import { normalFingerprint } from '../../domain/certificate-profile.js';
import { isTemplateName } from '../../domain/provisioning/template.js';
import { type RegisteredCa, RegisteredCaStore } from '../../storage/provisioning/registered-ca.store.js';
import { TemplateStore } from '../../storage/provisioning/template.store.js';
import { DeviceCa } from '../device-ca.js';

export interface RegisterCaInput {
  /** The CA's certificate, PEM. */
  readonly certificatePem: string;
  /** A certificate that the CA signed for the common name that `code` gives: who can do that has its key. PEM. */
  readonly verificationPem: string;
  /** What its devices become. */
  readonly templateName: string;
}

const SECRET = 'fleet.ca-registration-code';
/** What the gateway's TLS listener has to read at every change. */
const MAX_CAS = 50;
const MAX_PEM = 20_000;
const block = /^\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/;

/** Makes the manufacturer's own certificate authority trusted: its devices register themselves. */
@Injectable()
export class RegisterCa {
  constructor(
    private readonly database: Database,
    private readonly secrets: Secrets,
    private readonly deviceCa: DeviceCa,
    private readonly templates: TemplateStore,
    private readonly cas: RegisteredCaStore,
    private readonly clock: Clock,
  ) {}

  /** The common name of a verification certificate; of this installation, always the same. */
  async code(): Promise<string> {
    return this.secrets.getOrCreate(SECRET, () => randomBytes(32).toString('hex'));
  }

  /** Errors: INVALID_INPUT with every fault; NOT_FOUND for the template; CONFLICT when it is registered, or 50 are. */
  async run(input: RegisterCaInput): Promise<RegisteredCa> {
    const now = this.clock.now();
    const code = await this.code();
    const certificate = this.checked(input, code, now);
    const fingerprint = normalFingerprint(certificate.fingerprint256);
    const own = new X509Certificate(await this.deviceCa.certificatePem());
    if (normalFingerprint(own.fingerprint256) === fingerprint)
      throw new DomainError('CONFLICT', "this is the installation's own CA, which needs no registration");
    return this.database.transaction(everyCustomer, async (em) => {
      const { templateName } = input;
      const template = isTemplateName(templateName) && (await this.templates.byName(em, templateName));
      if (!template) throw notFound('provisioning template', templateName);
      if ((await this.cas.all(em)).length >= MAX_CAS)
        throw new DomainError('CONFLICT', `${MAX_CAS} CAs are registered, which is the most`);
      const ca: RegisteredCa = {
        id: newId(now.getTime()),
        fingerprint,
        subject: certificate.subject.replaceAll('\n', ', ').slice(0, 500),
        certificatePem: certificate.toString(),
        notAfter: new Date(certificate.validTo),
        templateId: template.id,
        deactivatedAt: null,
        createdAt: now,
      };
      if (!(await this.cas.insert(em, ca))) throw new DomainError('CONFLICT', 'this CA is registered already');
      return ca;
    });
  }

  private checked({ certificatePem, verificationPem }: RegisterCaInput, code: string, now: Date): X509Certificate {
    const faults: Fault[] = [];
    const fault = (field: string, rule: string): void => void faults.push({ field, value: 'a certificate', rule });
    const ca = read(certificatePem);
    const proof = read(verificationPem);
    if (!ca) fault('certificatePem', 'must be one X.509 certificate in PEM');
    else if (!ca.ca || !ca.checkIssued(ca) || !ca.verify(ca.publicKey))
      fault('certificatePem', 'must be a self-signed root with CA:TRUE');
    else if (!runsAt(ca, now)) fault('certificatePem', 'must be valid now');
    if (!proof) fault('verificationPem', 'must be one X.509 certificate in PEM');
    else if (ca && !(proof.checkIssued(ca) && proof.verify(ca.publicKey)))
      fault('verificationPem', 'must be signed by the CA');
    else if (proof.toLegacyObject().subject.CN !== code)
      fault('verificationPem', 'must have the registration code as its common name');
    else if (!runsAt(proof, now)) fault('verificationPem', 'must be valid now');
    if (!ca || faults.length > 0) throw invalid(...faults);
    return ca;
  }
}

function read(pem: string): X509Certificate | undefined {
  if (pem.length > MAX_PEM || !block.test(pem)) return undefined;
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

const runsAt = (certificate: X509Certificate, now: Date): boolean =>
  new Date(certificate.validFrom) <= now && new Date(certificate.validTo) > now;
