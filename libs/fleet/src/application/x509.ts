import { createHash, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { Validity } from '../domain/certificate-profile.js';

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A key pair's certificate and private key (PKCS #8), both PEM. */
export interface Credentials {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** A certificate, PEM, and what it is known by. */
export interface Certified {
  readonly certificatePem: string;
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string;
  /** Hex. */
  readonly serialNumber: string;
  /** SHA-256 of its public key (SPKI), lower-case hex. */
  readonly keyHash: string;
}

export interface Issued extends Credentials, Certified {}

/** 128 random bits, positive (the top bit clear, the next one set, so that the length never varies). */
function randomSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

/** A root that signs leaves only: no CA below it is ever valid. */
export async function makeRoot(commonName: string, validity: Validity): Promise<Credentials> {
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: randomSerial(),
      name: [{ CN: [commonName] }],
      ...validity,
      signingAlgorithm: ecdsa,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { certificatePem: pem(certificate), privateKeyPem: await privatePem(keys.privateKey) };
}

export type Purpose = { readonly kind: 'device' } | { readonly kind: 'server'; readonly names: readonly string[] };

/** A leaf with a new key pair, signed by `issuer`. Names of a server may be host names and addresses. */
export async function issue(
  issuer: Credentials,
  commonName: string,
  validity: Validity,
  purpose: Purpose,
): Promise<Issued> {
  const keys = await makeKeys();
  const publicKey = new x509.PublicKey(await webcrypto.subtle.exportKey('spki', keys.publicKey));
  return {
    ...(await certify(issuer, publicKey, commonName, validity, purpose)),
    privateKeyPem: await privatePem(keys.privateKey),
  };
}

/** A leaf for a key whose other half we do not have, signed by `issuer`. */
export async function certify(
  issuer: Credentials,
  publicKey: x509.PublicKey,
  commonName: string,
  validity: Validity,
  purpose: Purpose,
): Promise<Certified> {
  const root = new x509.X509Certificate(issuer.certificatePem);
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([
      purpose.kind === 'device' ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth,
    ]),
    await x509.SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto),
    await x509.AuthorityKeyIdentifierExtension.create(root.publicKey, false, webcrypto),
  ];
  if (purpose.kind === 'server')
    extensions.push(
      new x509.SubjectAlternativeNameExtension(
        purpose.names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
      ),
    );
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: randomSerial(),
      subject: [{ CN: [commonName] }],
      issuer: root.subjectName.toJSON(),
      ...validity,
      signingAlgorithm: ecdsa,
      publicKey,
      signingKey: await readKey(issuer.privateKeyPem),
      extensions,
    },
    webcrypto,
  );
  return {
    certificatePem: pem(certificate),
    fingerprint: createHash('sha256').update(Buffer.from(certificate.rawData)).digest('hex'),
    serialNumber: certificate.serialNumber,
    keyHash: keyHashOf(publicKey),
  };
}

/** SHA-256 of the public key (SPKI), lower-case hex. */
export const keyHashOf = (publicKey: x509.PublicKey): string =>
  createHash('sha256').update(Buffer.from(publicKey.rawData)).digest('hex');

/** What `issuer` has revoked, PEM: serial numbers in hex, with the time of their revocation. */
export async function revocationList(
  issuer: Credentials,
  entries: readonly { readonly serialNumber: string; readonly revokedAt: Date }[],
  { notBefore, notAfter }: Validity,
): Promise<string> {
  const root = new x509.X509Certificate(issuer.certificatePem);
  const list = await x509.X509CrlGenerator.create(
    {
      issuer: root.subjectName.toJSON(),
      thisUpdate: notBefore,
      nextUpdate: notAfter,
      signingAlgorithm: ecdsa,
      signingKey: await readKey(issuer.privateKeyPem),
      entries: entries.map(({ serialNumber, revokedAt }) => ({ serialNumber, revocationDate: revokedAt })),
      extensions: [await x509.AuthorityKeyIdentifierExtension.create(root.publicKey, false, webcrypto)],
    },
    webcrypto,
  );
  // OpenSSL reads no other label.
  return `${x509.PemConverter.encode(list.rawData, 'X509 CRL')}\n`;
}

export function validityOf(certificatePem: string): Validity {
  const { notBefore, notAfter } = new x509.X509Certificate(certificatePem);
  return { notBefore, notAfter };
}

const makeKeys = () => webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);

const readKey = (privateKeyPem: string) =>
  webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(privateKeyPem), ecdsa, false, ['sign']);

const privatePem = async (key: webcrypto.CryptoKey): Promise<string> =>
  `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), x509.PemConverter.PrivateKeyTag)}\n`;

const pem = (certificate: x509.X509Certificate): string => `${certificate.toString('pem')}\n`;
