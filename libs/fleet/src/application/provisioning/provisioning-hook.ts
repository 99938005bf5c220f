import { Injectable } from '@nestjs/common';
import { Logger } from '@throughline/platform';
import { z } from 'zod';
import { ProvisioningRefusal } from '../../domain/provisioning/refusal.js';
import type { Parameters } from '../../domain/provisioning/template.js';

/** What the manufacturer's own system is asked before a board becomes a device, by AWS IoT's names. */
export interface HookQuestion {
  readonly claimCertificateId?: string;
  readonly caCertificateId?: string;
  readonly certificateId: string;
  readonly certificatePem: string;
  readonly templateName: string;
  readonly clientId: string;
  readonly parameters: Parameters;
}

/** AWS IoT's limit. */
export const HOOK_LIMIT_MS = 5_000;
const MAX_ANSWER_BYTES = 64 * 1024;

const answers = z.object({
  allowProvisioning: z.boolean(),
  parameterOverrides: z.record(z.string(), z.string()).nullish(),
});

/** Asks a template's hook. Whatever is not a clear yes within the limit is a no. */
@Injectable()
export class ProvisioningHook {
  constructor(private readonly logger: Logger) {}

  /** The parameters that the hook sets. Throws ACCESS_DENIED. */
  async ask(url: string, question: HookQuestion, limitMs = HOOK_LIMIT_MS): Promise<Parameters> {
    const answer = await this.answerOf(url, question, limitMs).catch((error: unknown) => {
      this.logger.warn({ err: error, template: question.templateName }, 'the provisioning hook gave no answer');
      throw new ProvisioningRefusal('ACCESS_DENIED', 'the pre-provisioning hook could not be asked');
    });
    if (!answer.allowProvisioning)
      throw new ProvisioningRefusal('ACCESS_DENIED', 'the pre-provisioning hook does not allow it');
    return answer.parameterOverrides ?? {};
  }

  private async answerOf(url: string, question: HookQuestion, limitMs: number): Promise<z.infer<typeof answers>> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(question),
      redirect: 'error',
      signal: AbortSignal.timeout(limitMs),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`the hook answered with status ${response.status}`);
    }
    return answers.parse(JSON.parse(await limitedText(response)));
  }
}

async function limitedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`the hook's answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
