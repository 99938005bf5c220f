import { Inject, Injectable } from '@nestjs/common';
import { defineJob } from '@throughline/platform';
import { z } from 'zod';
import { AWS_IOT, type AwsIot } from '../../outbound/aws-iot/aws-iot.js';
import { ReadExecutions } from './read-executions.js';

/** One thing need not do a job of AWS IoT's any more. */
export const cancelAwsExecution = defineJob({
  name: 'fleet.cancel-aws-execution',
  queue: 'fleet',
  payload: z.object({ jobId: z.string(), thingName: z.string(), force: z.boolean() }),
  attempts: 8,
  backoffMs: 1_000,
  timeoutMs: 30_000,
});

@Injectable()
export class CancelAwsExecution {
  constructor(
    private readonly read: ReadExecutions,
    @Inject(AWS_IOT) private readonly aws: AwsIot | undefined,
  ) {}

  async run({ jobId, thingName, force }: { jobId: string; thingName: string; force: boolean }): Promise<void> {
    await this.aws?.jobs.cancelExecution(jobId, thingName, force);
    await this.read.run({ jobId, thingName });
  }
}
