import { Injectable } from '@nestjs/common';
import { Devices } from '@throughline/fleet';
import type { IdentityContext } from '@throughline/identity';
import { DomainError, notFound } from '@throughline/kernel';
import { type DataScope, everyCustomer, grouped, inOrder, loader } from '@throughline/platform';
import type { Statement, StatementLine } from '@throughline/schema/billing';
import { type GuaranteeFigure, GuaranteeFigures } from '../../application/guarantee-figures.js';
import { Statements } from '../../application/statements.js';

/** Batched reads of billing; all keep to what the caller may see. */
@Injectable()
export class BillingLoaders {
  constructor(
    private readonly statements: Statements,
    private readonly guarantees: GuaranteeFigures,
    private readonly devices: Devices,
  ) {}

  /** Rejects with NOT_FOUND. */
  statement(context: IdentityContext, id: string): Promise<Statement> {
    return loader<string, Statement>(context, 'billing.statement', async (ids) =>
      inOrder(
        ids,
        await this.statements.many(dataOf(context), ids),
        (row) => row.id,
        (row, key) => row ?? notFound('statement', key),
      ),
    ).load(id);
  }

  /** By position. */
  linesOf(context: IdentityContext, statementId: string): Promise<StatementLine[]> {
    return loader<string, StatementLine[]>(context, 'billing.lines', async (ids) =>
      grouped(ids, await this.statements.linesOf(dataOf(context), ids), (row) => row.statementId),
    ).load(statementId);
  }

  /** Newest month first. */
  statementsOf(context: IdentityContext, contractId: string): Promise<Statement[]> {
    return loader<string, Statement[]>(context, 'billing.ofContract', async (ids) =>
      grouped(ids, await this.statements.ofContracts(dataOf(context), ids), (row) => row.contractId),
    ).load(contractId);
  }

  guarantee(
    context: IdentityContext,
    assetId: string,
    month: string | undefined,
  ): Promise<GuaranteeFigure | undefined> {
    return loader<string, GuaranteeFigure | undefined>(context, `billing.guarantee:${month ?? ''}`, async (ids) => {
      const figures = await this.guarantees.of(dataOf(context), ids, month);
      return ids.map((id) => figures.get(id));
    }).load(assetId);
  }

  /**
   * Who sent a message that the caller sees anyway. Evidence names its device for ever, also when the board has left and is
   * somebody else's now, so the name alone is read for everyone.
   */
  thingName(context: IdentityContext, deviceId: string): Promise<string> {
    return loader<string, string>(context, 'billing.thingName', async (ids) =>
      inOrder(
        ids,
        await this.devices.many(everyCustomer, ids),
        (device) => device.id,
        (device, id) => device?.thingName ?? notFound('device', id),
      ),
    ).load(deviceId);
  }
}

export function dataOf(context: IdentityContext): DataScope {
  if (!context.scope) throw new DomainError('UNAUTHENTICATED', 'Sign in first');
  return context.scope.data;
}
