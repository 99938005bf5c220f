import type { INestApplicationContext } from '@nestjs/common';
import { ClosePeriod, Statements } from '@throughline/billing';
import { Contracts } from '@throughline/contracts';
import { Decimal, DomainError, minorUnitDigits, notFound } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import type { Command } from 'commander';
import { settingsOf, withApp } from '../context.js';

interface Options {
  contract: string;
  month: string;
  data: string;
}

export function registerClosePeriod(program: Command): void {
  program
    .command('close-period')
    .description('closes a month of a contract: statement, invoice; doing it again books nothing')
    .requiredOption('--contract <number>', 'number of the contract, such as HF-2025-03')
    .requiredOption('--month <YYYY-MM>', 'the month, in the zone of the contract')
    .option('--data <dir>', 'folder of the installation', '.data')
    .action(({ data, ...options }: Options) =>
      withApp(settingsOf(data), async (app) => void process.stdout.write(await closePeriod(app, options))),
    );
}

/** Closes the month and gives what a person should read of it. Errors: NOT_FOUND, INVALID_INPUT, STATE_CONFLICT. */
export async function closePeriod(
  app: Pick<INestApplicationContext, 'get'>,
  { contract: number, month }: Omit<Options, 'data'>,
): Promise<string> {
  const contracts = await app.get(Database).read(everyCustomer, (em) => app.get(Contracts).all(em));
  const contract = contracts.find((c) => c.number === number);
  if (!contract) {
    const known = contracts.map((c) => c.number).join(', ') || 'none yet';
    throw new DomainError('NOT_FOUND', `--contract: no contract has the number "${number}" (contracts: ${known})`);
  }
  const { statementId, changed } = await app.get(ClosePeriod).run(everyCustomer, contract.id, month);
  const [statement] = await app.get(Statements).many(everyCustomer, [statementId]);
  if (!statement) throw notFound('statement', statementId);
  const lines = await app.get(Statements).linesOf(everyCustomer, [statementId]);
  const digits = minorUnitDigits(contract.currency);
  const rows = [
    ...lines.map((line) => [line.description, quantityOf(line), new Decimal(line.amount).toFixed(digits)] as const),
    ['Total', '', new Decimal(statement.total).toFixed(digits)] as const,
  ];
  const outcome = changed
    ? `Closed: ${lines.length} lines were booked. The worker brings them to an invoice.`
    : `Closed before (${[statement.state, statement.stripeInvoiceNumber].filter(Boolean).join(', ')}): nothing new was booked.`;
  return `Statement ${statement.number}, amounts in ${contract.currency}\n\n${table(rows)}\n\n${outcome}\n`;
}

const quantityOf = (line: { quantity?: string | null; unit?: string | null }): string =>
  line.quantity ? `${new Decimal(line.quantity).toFixed()} ${line.unit ?? ''}`.trim() : '';

type Row = readonly [text: string, quantity: string, amount: string];

/** Text left, numbers right. */
function table(rows: readonly Row[]): string {
  const width = (column: 0 | 1 | 2): number => Math.max(...rows.map((row) => row[column].length));
  const [first, second, third] = [width(0), width(1), width(2)];
  return rows
    .map(
      ([text, quantity, amount]) => `  ${text.padEnd(first)}  ${quantity.padStart(second)}  ${amount.padStart(third)}`,
    )
    .join('\n');
}
