import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import type { DeviceMessage } from '@throughline/platform';
import { type DeviceReply, type DeviceRequest, DeviceService } from '../../application/device-service.js';
import { DescribeExecution } from '../../application/iot-jobs/describe-execution.js';
import { GetPendingExecutions } from '../../application/iot-jobs/get-pending-executions.js';
import { StartNextExecution } from '../../application/iot-jobs/start-next-execution.js';
import { UpdateExecution } from '../../application/iot-jobs/update-execution.js';
import { JobRefusal } from '../../domain/iot-jobs/refusal.js';
import { type JobRequest, parseRequest, tokenOf } from '../../domain/iot-jobs/request.js';
import { errorMessage } from '../../domain/iot-jobs/wire.js';

interface Outcome {
  readonly answer: object;
  readonly messages?: readonly DeviceMessage[];
}

/** `$aws/things/{thing}/jobs/…`: the device's side of jobs. */
@Injectable()
export class IotJobsService extends DeviceService {
  readonly for = 'device';
  readonly requests = ['get', 'start-next', '+/get', '+/update'].map((rest) => `$aws/things/{thing}/jobs/${rest}`);

  constructor(
    private readonly getPending: GetPendingExecutions,
    private readonly startNext: StartNextExecution,
    private readonly describe: DescribeExecution,
    private readonly update: UpdateExecution,
    private readonly clock: Clock,
  ) {
    super();
  }

  async handle(request: DeviceRequest): Promise<readonly DeviceReply[]> {
    const { requester, topic, payload } = request;
    if (requester.kind !== 'device') return [];
    try {
      const operation = topic.slice(`$aws/things/${requester.thingName}/jobs/`.length);
      const { answer, messages = [] } = await this.run(requester, parseRequest(operation, payload));
      const clientToken = tokenOf(payload);
      return [
        reply(`${topic}/accepted`, { ...answer, ...(clientToken !== undefined && { clientToken }) }),
        ...messages.map((message): DeviceReply => ({ to: 'subscribers', ...message })),
      ];
    } catch (error) {
      if (error instanceof JobRefusal) return this.rejected(request, error);
      throw error;
    }
  }

  failed(request: DeviceRequest, why: 'throttled' | 'internal'): readonly DeviceReply[] {
    return this.rejected(
      request,
      why === 'throttled'
        ? new JobRefusal('RequestThrottled', 'too many requests of this thing wait')
        : new JobRefusal('InternalError', 'the request could not be handled; try again'),
    );
  }

  private async run(device: { deviceId: string; thingName: string }, request: JobRequest): Promise<Outcome> {
    switch (request.kind) {
      case 'get-pending':
        return { answer: await this.getPending.run(device.deviceId) };
      case 'start-next':
        return this.startNext.run(device, request);
      case 'describe':
        return { answer: await this.describe.run(device, request) };
      case 'update':
        return this.update.run(device, request);
    }
  }

  private rejected({ topic, payload }: DeviceRequest, refusal: JobRefusal): readonly DeviceReply[] {
    return [reply(`${topic}/rejected`, errorMessage(refusal, this.clock.now(), tokenOf(payload)))];
  }
}

const reply = (topic: string, body: object): DeviceReply => ({ to: 'requester', topic, payload: JSON.stringify(body) });
