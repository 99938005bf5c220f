import { Args, Context, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { ContractsLoaders, ContractType, contractType } from '@throughline/contracts/graphql';
import { AssetType, FleetLoaders } from '@throughline/fleet/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { CustomerType, IdentityLoaders } from '@throughline/identity/graphql';
import { isId } from '@throughline/kernel';
import { type Connection, Cost, pageArgs } from '@throughline/platform';
import { ClosePeriod } from '../../application/close-period.js';
import { type EvidenceSummary, LineEvidence } from '../../application/line-evidence.js';
import { Statements } from '../../application/statements.js';
import { BillingLoaders } from './billing-loaders.js';
import { mapped, toLine, toStatement } from './shapes.js';
import {
  ClosePeriodResultType,
  LineEvidenceType,
  StatementConnection,
  StatementLineType,
  StatementsArgs,
  StatementType,
} from './types.js';

@Resolver(() => StatementType)
export class StatementsResolver {
  constructor(
    private readonly all: Statements,
    private readonly close: ClosePeriod,
    private readonly loaders: BillingLoaders,
    private readonly contracts: ContractsLoaders,
    private readonly identity: IdentityLoaders,
  ) {}

  @Requires('statements:read')
  @Query(() => StatementConnection)
  async statements(
    @CurrentScope() scope: RequestScope,
    @Args() { first, after, filter }: StatementsArgs,
  ): Promise<Connection<StatementType>> {
    return mapped(await this.all.page(scope.data, filter ?? {}, pageArgs(first, after)), toStatement);
  }

  @Requires('statements:read')
  @Query(() => StatementType, { nullable: true })
  async statement(
    @CurrentScope() scope: RequestScope,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<StatementType | undefined> {
    const [statement] = isId(id) ? await this.all.many(scope.data, [id]) : [];
    return statement && toStatement(statement);
  }

  @Requires('statements:write')
  @Mutation(() => ClosePeriodResultType, {
    description: 'Closes one month (YYYY-MM) of a contract; doing it again books nothing new',
  })
  async closePeriod(
    @CurrentScope() scope: RequestScope,
    @Context() context: IdentityContext,
    @Args('contractId', { type: () => ID }) contractId: string,
    @Args('month', { type: () => String }) month: string,
  ): Promise<ClosePeriodResultType> {
    const { statementId, changed } = await this.close.run(scope.data, contractId, month);
    return { changed, statement: toStatement(await this.loaders.statement(context, statementId)) };
  }

  @Requires('contracts:read')
  @ResolveField(() => ContractType)
  async contract(@Parent() statement: StatementType, @Context() context: IdentityContext): Promise<ContractType> {
    return contractType(await this.contracts.contract(context, statement.contractId));
  }

  @Requires('customers:read')
  @ResolveField(() => CustomerType)
  customer(@Parent() statement: StatementType, @Context() context: IdentityContext): Promise<CustomerType> {
    return this.identity.customer(context, statement.customerId);
  }

  @Requires('statements:read')
  @ResolveField(() => [StatementLineType])
  async lines(@Parent() statement: StatementType, @Context() context: IdentityContext): Promise<StatementLineType[]> {
    const rows = await this.loaders.linesOf(context, statement.id);
    return rows.map((row) => toLine(row, statement.total.currency));
  }
}

@Resolver(() => StatementLineType)
export class StatementLinesResolver {
  constructor(
    private readonly loaders: BillingLoaders,
    private readonly contracts: ContractsLoaders,
    private readonly fleet: FleetLoaders,
    private readonly lineEvidence: LineEvidence,
  ) {}

  @Requires('assets:read')
  @ResolveField(() => AssetType, { nullable: true })
  asset(@Parent() line: StatementLineType, @Context() context: IdentityContext): Promise<AssetType> | undefined {
    return line.assetId ? this.fleet.asset(context, line.assetId) : undefined;
  }

  @Cost(5)
  @Requires('telemetry:read')
  @ResolveField(() => LineEvidenceType)
  async evidence(
    @Parent() { id, statementId }: StatementLineType,
    @Context() context: IdentityContext,
    @CurrentScope() scope: RequestScope,
  ): Promise<LineEvidenceType> {
    const statement = await this.loaders.statement(context, statementId);
    const lines = await this.loaders.linesOf(context, statementId);
    const contract = await this.contracts.contract(context, statement.contractId);
    const line = lines.find((row) => row.id === id);
    if (!line) throw new TypeError(`line ${id} is not on its own statement`);
    const of = { statement, line, contract };
    let summary: Promise<EvidenceSummary> | undefined;
    return {
      of,
      summary: () => {
        summary ??= this.lineEvidence.summary(scope.data, of);
        return summary;
      },
    };
  }
}
