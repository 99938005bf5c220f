import { defineJob } from '@throughline/platform';
import { z } from 'zod';

const start = z.object({
  executionId: z.uuid(),
  thingName: z.string(),
  payload: z.string(),
  timeoutSeconds: z.number().int(),
});

/** A command for one device, as it is sent. */
export type StartAwsCommand = z.infer<typeof start>;

const common = { queue: 'fleet', attempts: 5, backoffMs: 1_000, timeoutMs: 30_000 } as const;
const which = z.object({ executionId: z.uuid() });

/** In AWS mode: has AWS IoT send a command to its device. */
export const startAwsCommand = defineJob({ ...common, name: 'diagnostics.start-aws-command', payload: start });

/** In AWS mode: a device answered, says AWS IoT; what, is read there. */
export const readAwsCommand = defineJob({ ...common, name: 'diagnostics.read-aws-command', payload: which });

/** In AWS mode: a command is over, AWS IoT need not have it any more. */
export const forgetAwsCommand = defineJob({ ...common, name: 'diagnostics.forget-aws-command', payload: which });
