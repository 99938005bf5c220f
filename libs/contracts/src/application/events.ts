import { defineEvent } from '@throughline/platform';
import { z } from 'zod';

const ms = z.number().int();

/** A contract was signed for assets in [from, to) (ms); `to` null while no end is agreed. */
export const contractSigned = defineEvent(
  'contracts.contract-signed',
  z.object({
    contractId: z.uuid(),
    number: z.string(),
    customerId: z.uuid(),
    assetIds: z.array(z.uuid()),
    from: ms,
    to: ms.nullable(),
  }),
);

/** A contract ends at `to` (ms), earlier than was agreed before. */
export const contractEnded = defineEvent(
  'contracts.contract-ended',
  z.object({ contractId: z.uuid(), number: z.string(), customerId: z.uuid(), assetIds: z.array(z.uuid()), to: ms }),
);

/** A plan version may be signed from now on; its terms never change again. */
export const planPublished = defineEvent(
  'contracts.plan-published',
  z.object({ planId: z.uuid(), planVersionId: z.uuid(), version: z.number().int() }),
);
