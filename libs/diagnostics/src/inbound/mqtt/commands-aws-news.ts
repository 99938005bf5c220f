import { Injectable } from '@nestjs/common';
import { AwsNews } from '@throughline/fleet';
import { isId } from '@throughline/kernel';
import { Database, everyCustomer, Outbox } from '@throughline/platform';
import { readAwsCommand } from '../../application/aws-jobs.js';

/** `$aws/events/commandExecution/{command}/{status}`: the command's id is our execution's; others' commands are left out. */
@Injectable()
export class CommandsAwsNews extends AwsNews {
  readonly filters = ['$aws/events/commandExecution/+/+'];

  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
  ) {
    super();
  }

  async take(topic: string): Promise<void> {
    const executionId = topic.split('/')[3];
    if (!isId(executionId)) return;
    await this.database.transaction(everyCustomer, (em) => this.outbox.enqueue(em, readAwsCommand, { executionId }));
  }
}
