import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { isId } from '@throughline/kernel';
import { Secrets } from '@throughline/platform';
import type { IssuedCertificate } from '../../storage/provisioning/issued-certificate.store.js';

const SECRET = 'fleet.ownership-tokens';
/** AWS IoT's: an hour. */
export const TOKEN_LIFE_MS = 3_600_000;

/**
 * Proof that a certificate was made for the claim and client that asked for it. A token is computed from the certificate's
 * row under a secret of the installation, so that a repeated request gets the same one and none is stored.
 */
@Injectable()
export class OwnershipTokens {
  private key: Promise<string> | undefined;

  constructor(private readonly secrets: Secrets) {}

  async of(issued: IssuedCertificate): Promise<string> {
    return `${issued.id}.${(await this.proof(issued)).toString('base64url')}`;
  }

  /** The id of the certificate that a token claims to be for; undefined for what is no token. */
  idIn(token: unknown): string | undefined {
    const id = typeof token === 'string' && token.length < 200 ? token.split('.')[0] : undefined;
    return isId(id) ? id : undefined;
  }

  async isOf(token: string, issued: IssuedCertificate): Promise<boolean> {
    const proof = Buffer.from(token.split('.')[1] ?? '', 'base64url');
    const expected = await this.proof(issued);
    return proof.length === expected.length && timingSafeEqual(proof, expected);
  }

  private async proof({ id, batchId, clientId, tokenExpiresAt }: IssuedCertificate): Promise<Buffer> {
    this.key ??= this.secrets
      .getOrCreate(SECRET, () => randomBytes(32).toString('base64'))
      .catch((error: unknown) => {
        this.key = undefined;
        throw error;
      });
    const bound = JSON.stringify([id, batchId, clientId, tokenExpiresAt.getTime()]);
    return createHmac('sha256', Buffer.from(await this.key, 'base64'))
      .update(bound)
      .digest();
  }
}
