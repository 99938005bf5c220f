import { createPublicKey, type KeyObject, sign } from 'node:crypto';

/** DER: a tag, the length of the content, the content (X.690). */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const COMMON_NAME = oid('550403');
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
const VERSION_1 = der(0x02, Buffer.from([0]));
const NO_ATTRIBUTES = der(0xa0);

/** A signing request (PKCS #10, RFC 2986) in PEM, of an EC key, with the thing's name as common name. */
export function signingRequest(key: KeyObject, thingName: string): string {
  const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(thingName)))));
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const request = sequence(VERSION_1, name, publicKey, NO_ATTRIBUTES);
  const signature = der(0x03, Buffer.from([0]), sign('sha256', request, key));
  const base64 = sequence(request, ECDSA_WITH_SHA256, signature).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`;
}
