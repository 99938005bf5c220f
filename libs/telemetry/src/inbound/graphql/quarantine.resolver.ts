import { Args, Query, Resolver } from '@nestjs/graphql';
import { CurrentScope, type RequestScope, Requires } from '@throughline/identity';
import { type Connection, pageArgs } from '@throughline/platform';
import { Quarantine, type QuarantinedMessage } from '../../application/quarantine.js';
import { QuarantineArgs, QuarantinedMessageConnection, QuarantinedMessageType } from './types.js';

const PREVIEW_CHARACTERS = 2_000;
/** UTF-8 has at most four bytes a character. */
const PREVIEW_BYTES = PREVIEW_CHARACTERS * 4;

@Resolver(() => QuarantinedMessageType)
export class QuarantineResolver {
  constructor(private readonly messages: Quarantine) {}

  @Requires('quarantine:read')
  @Query(() => QuarantinedMessageConnection, { description: 'Newest first' })
  async quarantine(
    @CurrentScope() scope: RequestScope,
    @Args() args: QuarantineArgs,
  ): Promise<Connection<QuarantinedMessageType>> {
    const page = pageArgs(args.first, args.after);
    const { edges, ...rest } = await this.messages.page(scope.data, page, args.thingName ?? undefined);
    return { ...rest, edges: edges.map(({ cursor, node }) => ({ cursor, node: shape(node) })) };
  }
}

const shape = (message: QuarantinedMessage): QuarantinedMessageType => ({
  id: message.id,
  thingName: message.thingName,
  topic: message.topic,
  receivedAt: message.receivedAt,
  reason: message.reason,
  rule: message.rule,
  boot: message.boot ?? null,
  seq: message.seq ?? null,
  preview: Buffer.from(message.raw.subarray(0, PREVIEW_BYTES)).toString('utf8').slice(0, PREVIEW_CHARACTERS),
});
