import { createPublicKey, webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { ProvisioningRefusal } from '../../domain/provisioning/refusal.js';
import { keyHashOf } from '../x509.js';

export interface SigningRequest {
  readonly publicKey: x509.PublicKey;
  /** SHA-256 of the public key, by which the same key is known again. */
  readonly keyHash: string;
}

const MAX_PEM = 10_000;
const block =
  /^\s*-----BEGIN (NEW )?CERTIFICATE REQUEST-----[A-Za-z0-9+/=\s]+-----END (NEW )?CERTIFICATE REQUEST-----\s*$/;
const CURVES = ['prime256v1', 'secp384r1'];
const [MIN_RSA, MAX_RSA] = [2_048, 4_096];

/**
 * The key of a signing request, PEM, whose holder has signed it. Subject and wishes for extensions do not matter here: who
 * a device is is decided by the registry. Throws InvalidCertificateSigningRequest.
 */
export async function readCsr(pem: unknown): Promise<SigningRequest> {
  if (typeof pem !== 'string' || pem.length > MAX_PEM || !block.test(pem))
    throw refused('must be one PKCS #10 request in PEM');
  const request = parsed(pem);
  const { publicKey } = request;
  checkKey(publicKey);
  if (!(await request.verify(webcrypto).catch(() => false))) throw refused('is not signed by its own key');
  return { publicKey, keyHash: keyHashOf(publicKey) };
}

function parsed(pem: string): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(x509.PemConverter.decodeFirst(pem));
  } catch {
    throw refused('cannot be read as a PKCS #10 request');
  }
}

/** Keys that TLS of our listener can be relied on with. */
function checkKey(publicKey: x509.PublicKey): void {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = readable(publicKey);
  const bits = details?.modulusLength ?? 0;
  const ok =
    type === 'ec' ? CURVES.includes(details?.namedCurve ?? '') : type === 'rsa' && bits >= MIN_RSA && bits <= MAX_RSA;
  if (!ok) throw refused(`must have a key on P-256 or P-384, or RSA of ${MIN_RSA} to ${MAX_RSA} bits`);
}

function readable(publicKey: x509.PublicKey) {
  try {
    return createPublicKey({ key: Buffer.from(publicKey.rawData), format: 'der', type: 'spki' });
  } catch {
    throw refused('has a key that cannot be read');
  }
}

const refused = (rule: string): ProvisioningRefusal =>
  new ProvisioningRefusal('InvalidCertificateSigningRequest', `certificateSigningRequest ${rule}`);
