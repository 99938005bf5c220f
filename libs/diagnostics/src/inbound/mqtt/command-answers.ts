import { Injectable } from '@nestjs/common';
import { type DeviceReply, type DeviceRequest, DeviceService, type Requester } from '@throughline/fleet';
import { encode } from 'cborg';
import { DeliverCommands } from '../../application/deliver-commands.js';
import { RecordAnswer } from '../../application/record-answer.js';
import { type Refusal, readAnswer } from '../../domain/answer.js';
import { type AnswerFormat, hearsRequests, readAnswerTopic, verdictTopic } from '../../domain/topics.js';
import { decodeBody } from './decode-body.js';

const answers = '$aws/commands/things/{thing}/executions/+/response';

/** AWS IoT's commands: what devices answer, and what waited for one that begins to listen. */
@Injectable()
export class CommandAnswers extends DeviceService {
  readonly for = 'device';
  readonly requests = [answers, `${answers}/json`, `${answers}/cbor`];

  constructor(
    private readonly record: RecordAnswer,
    private readonly deliver: DeliverCommands,
  ) {
    super();
  }

  async handle({ requester, topic, payload, receivedAt }: DeviceRequest): Promise<readonly DeviceReply[]> {
    if (requester.kind !== 'device') return [];
    const { executionId, format } = readAnswerTopic(topic);
    const body = decodeBody(payload, format);
    const read = 'refused' in body ? body : readAnswer(body.value);
    if ('refused' in read) return [rejected(topic, read.refused)];
    const { deviceId } = requester;
    const refusal = await this.record.run({ deviceId, executionId, answer: read.answer, at: receivedAt });
    return [refusal ? rejected(topic, refusal) : reply(topic, 'accepted', format, { executionId })];
  }

  failed({ topic }: DeviceRequest, why: 'throttled' | 'internal'): readonly DeviceReply[] {
    return [
      rejected(
        topic,
        why === 'throttled'
          ? { code: 'RequestThrottled', message: 'too many answers wait to be stored: try again' }
          : { code: 'InternalError', message: 'the answer could not be stored: try again' },
      ),
    ];
  }

  override async subscribed(requester: Requester, filter: string): Promise<readonly DeviceReply[]> {
    if (requester.kind !== 'device' || !hearsRequests(requester.thingName, filter)) return [];
    const messages = await this.deliver.toListener({ id: requester.deviceId, thingName: requester.thingName });
    return messages.map((message) => ({ ...message, to: 'subscribers' }));
  }
}

function rejected(topic: string, { code, message }: Refusal): DeviceReply {
  const { executionId, format } = readAnswerTopic(topic);
  return reply(topic, 'rejected', format, { error: code, errorMessage: message, executionId });
}

const reply = (
  topic: string,
  verdict: 'accepted' | 'rejected',
  format: AnswerFormat,
  body: Readonly<Record<string, string>>,
): DeviceReply => ({
  to: 'requester',
  topic: verdictTopic(topic, verdict),
  payload: format === 'cbor' ? Buffer.from(encode(body)) : JSON.stringify(body),
});
