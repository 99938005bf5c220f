import { Injectable } from '@nestjs/common';
import { invalid, isId } from '@throughline/kernel';
import { type Connection, Database, type DataScope, keysetPage, type PageRequest } from '@throughline/platform';
import { Statement, type StatementLine } from '@throughline/schema/billing';
import { statementStates } from '../domain/statement-states.js';
import { StatementStore } from '../storage/statement.store.js';

export interface StatementFilter {
  readonly customerId?: string | null;
  readonly contractId?: string | null;
  readonly state?: string | null;
}

/** Reading of statements, within the caller's data scope. */
@Injectable()
export class Statements {
  constructor(
    private readonly database: Database,
    private readonly statements: StatementStore,
  ) {}

  /** Newest month first. Errors: INVALID_INPUT (state, cursor). */
  page(scope: DataScope, filter: StatementFilter, page: PageRequest): Promise<Connection<Statement>> {
    const where = {
      ...(filter.customerId != null && { customerId: { $in: [filter.customerId].filter(isId) } }),
      ...(filter.contractId != null && { contractId: { $in: [filter.contractId].filter(isId) } }),
      ...(filter.state != null && { state: stateNamed(filter.state) }),
    };
    return this.database.read(scope, (em) =>
      keysetPage(em, Statement, {
        list: 'statements',
        where,
        sort: [
          { property: 'periodFrom', type: 'date', direction: 'desc' },
          { property: 'id', type: 'string', direction: 'desc' },
        ],
        page,
      }),
    );
  }

  /** Those that exist and are visible, in no order. */
  many(scope: DataScope, ids: readonly string[]): Promise<Statement[]> {
    return this.database.read(scope, (em) => this.statements.byIds(em, ids.filter(isId)));
  }

  /** Newest month first. */
  ofContracts(scope: DataScope, contractIds: readonly string[]): Promise<Statement[]> {
    return this.database.read(scope, (em) => this.statements.ofContracts(em, contractIds.filter(isId)));
  }

  /** By statement and position. */
  linesOf(scope: DataScope, statementIds: readonly string[]): Promise<StatementLine[]> {
    return this.database.read(scope, (em) => this.statements.linesOf(em, statementIds.filter(isId)));
  }
}

function stateNamed(text: string): Statement['state'] {
  const state = statementStates.find((known) => known === text);
  if (!state) throw invalid({ field: 'state', value: text, rule: `must be one of ${statementStates.join(', ')}` });
  return state;
}
