import 'reflect-metadata';
import { createHash, webcrypto, X509Certificate } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequestGenerator,
  X509CertificateGenerator,
} from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A key of a board and a signing request for it, PEM. */
export interface BoardKey {
  readonly key: string;
  readonly csr: string;
}

export async function boardKey(name = 'board'): Promise<BoardKey> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const csr = await Pkcs10CertificateRequestGenerator.create(
    { name: `CN=${name}`, keys, signingAlgorithm: algorithm },
    webcrypto as never,
  );
  return { key: await pem(keys.privateKey), csr: csr.toString('pem') };
}

/** A manufacturer's own CA. */
export interface FactoryCa {
  readonly certificatePem: string;
  /** A certificate with that subject, such as "CN=pump-7, 2.5.4.5=4711". */
  issue(subject: string, change?: { notAfter?: Date }): Promise<{ cert: string; key: string; fingerprint: string }>;
}

export async function factoryCa(name = 'Factory'): Promise<FactoryCa> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const [notBefore, notAfter] = [new Date('2020-01-01'), new Date('2045-01-01')];
  const root = await X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${name}`,
      keys,
      signingAlgorithm: algorithm,
      notBefore,
      notAfter,
      extensions: [
        new BasicConstraintsExtension(true, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      ],
    },
    webcrypto as never,
  );
  return {
    certificatePem: root.toString('pem'),
    issue: async (subject, change) => {
      const own = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      const certificate = await X509CertificateGenerator.create(
        {
          subject,
          issuer: root.subject,
          notBefore,
          notAfter,
          ...change,
          signingAlgorithm: algorithm,
          publicKey: own.publicKey,
          signingKey: keys.privateKey,
          extensions: [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])],
        },
        webcrypto as never,
      );
      const cert = certificate.toString('pem');
      const fingerprint = createHash('sha256').update(new X509Certificate(cert).raw).digest('hex');
      return { cert, key: await pem(own.privateKey), fingerprint };
    },
  };
}

async function pem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`;
}
