import type { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A certificate authority made for one test, with a server certificate for localhost. PEM texts. */
export interface TestAuthority {
  readonly ca: string;
  readonly server: { readonly cert: string; readonly key: string };
  /** A client certificate whose common name is the thing's name. */
  issue(thingName: string): Promise<{ cert: string; key: string; ca: string }>;
  /** A client certificate for the key of a signing request. */
  sign(request: string, thingName: string): Promise<string>;
}

const forClients = () => new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]);

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

export async function makeAuthority(): Promise<TestAuthority> {
  x509.cryptoProvider.set(globalThis.crypto);
  const keys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const notBefore = new Date(Date.now() - 3_600_000);
  const notAfter = new Date(Date.now() + 86_400_000);
  const caKeys = await keys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=Test CA',
    notBefore,
    notAfter,
    signingAlgorithm: ALGORITHM,
    keys: caKeys,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  let serial = 1;
  const certify = async (name: string, publicKey: x509.PublicKeyType, extensions: x509.Extension[]) => {
    serial += 1;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial.toString(16).padStart(2, '0'),
      subject: `CN=${name}`,
      issuer: ca.subject,
      notBefore,
      notAfter,
      signingAlgorithm: ALGORITHM,
      publicKey,
      signingKey: caKeys.privateKey,
      extensions,
    });
    return certificate.toString('pem');
  };
  const issue = async (name: string, extensions: x509.Extension[]) => {
    const own = await keys();
    return { cert: await certify(name, own.publicKey, extensions), key: await privatePem(own.privateKey) };
  };
  const server = await issue('localhost', [
    new x509.SubjectAlternativeNameExtension([
      { type: 'dns', value: 'localhost' },
      { type: 'ip', value: '127.0.0.1' },
    ]),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
  ]);
  return {
    ca: ca.toString('pem'),
    server,
    sign: (request, thing) => certify(thing, new x509.Pkcs10CertificateRequest(request).publicKey, [forClients()]),
    issue: async (thing) => ({
      ...(await issue(thing, [forClients()])),
      ca: ca.toString('pem'),
    }),
  };
}
