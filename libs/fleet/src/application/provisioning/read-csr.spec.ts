import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import { Pkcs10CertificateRequest, Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { readCsr } from './read-csr.js';

const requestWith = async (algorithm: object): Promise<Pkcs10CertificateRequest> => {
  const keys = (await webcrypto.subtle.generateKey(algorithm as webcrypto.EcKeyGenParams, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const parameters = { name: 'CN=board', keys, signingAlgorithm: algorithm as never };
  return Pkcs10CertificateRequestGenerator.create(parameters as never, webcrypto as never);
};
const ec = (namedCurve: string) => ({ name: 'ECDSA', namedCurve, hash: 'SHA-256' });
const rsa = (modulusLength: number) => ({
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength,
  publicExponent: new Uint8Array([1, 0, 1]),
});
const refused = { code: 'InvalidCertificateSigningRequest' };

describe('a signing request', () => {
  it.each([ec('P-256'), ec('P-384'), rsa(2_048)])('with a key of %j is taken', async (algorithm) => {
    const pem = (await requestWith(algorithm)).toString('pem');
    const first = await readCsr(pem);
    expect(first.keyHash).toMatch(/^[0-9a-f]{64}$/);
    expect((await readCsr(`\n${pem}\n`)).keyHash).toBe(first.keyHash);
  });

  it.each([rsa(1_024), ec('P-521'), { name: 'Ed25519' }])('with a key of %j is not', async (algorithm) => {
    await expect(readCsr((await requestWith(algorithm)).toString('pem'))).rejects.toMatchObject(refused);
  });

  it('that its key did not sign is refused: a board cannot claim the key of another', async () => {
    const der = Buffer.from((await requestWith(ec('P-256'))).rawData);
    const last = der.length - 1;
    der[last] = (der[last] ?? 0) ^ 1;
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
    await expect(readCsr(forged)).rejects.toMatchObject(refused);
  });

  it('must be one request in PEM', async () => {
    const pem = (await requestWith(ec('P-256'))).toString('pem');
    const block = (text: string) => `-----BEGIN CERTIFICATE REQUEST-----\n${text}\n-----END CERTIFICATE REQUEST-----`;
    const bad = [undefined, 7, {}, '', 'x', `${pem}\n${pem}`, block(''), block('AAAA'), block('A'.repeat(20_000))];
    for (const text of bad) await expect(readCsr(text)).rejects.toMatchObject(refused);
    await expect(readCsr(pem.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE'))).rejects.toMatchObject(refused);
  });
});
