import { Injectable } from '@nestjs/common';
import { HandlesJob, type JobHandler } from '@throughline/platform';
import { forgetAwsCommand, readAwsCommand, type StartAwsCommand, startAwsCommand } from '../../application/aws-jobs.js';
import { CommandsAtAws } from '../../application/commands-at-aws.js';

@Injectable()
@HandlesJob(startAwsCommand)
export class StartAwsCommandJob implements JobHandler<typeof startAwsCommand> {
  constructor(private readonly commands: CommandsAtAws) {}

  async handle(command: StartAwsCommand): Promise<void> {
    await this.commands.start(command);
  }
}

@Injectable()
@HandlesJob(readAwsCommand)
export class ReadAwsCommandJob implements JobHandler<typeof readAwsCommand> {
  constructor(private readonly commands: CommandsAtAws) {}

  async handle({ executionId }: { executionId: string }): Promise<void> {
    await this.commands.read(executionId);
  }
}

@Injectable()
@HandlesJob(forgetAwsCommand)
export class ForgetAwsCommandJob implements JobHandler<typeof forgetAwsCommand> {
  constructor(private readonly commands: CommandsAtAws) {}

  async handle({ executionId }: { executionId: string }): Promise<void> {
    await this.commands.forget(executionId);
  }
}
