import type { DeviceReply, DeviceRequest } from '../../application/device-service.js';
import { ProvisioningRefusal, refusalAnswer } from '../../domain/provisioning/refusal.js';
import { encoded, type Format } from './provisioning-format.js';

export const formatOf = (topic: string): Format => (topic.endsWith('/cbor') ? 'cbor' : 'json');

/** Answers in the request's format, to the requester alone: others of the same topic must not see keys and tokens. */
const reply = (topic: string, outcome: 'accepted' | 'rejected', answer: object): DeviceReply => ({
  to: 'requester',
  topic: `${topic}/${outcome}`,
  payload: encoded(formatOf(topic), answer),
});

export async function answered(topic: string, work: () => Promise<object>): Promise<DeviceReply[]> {
  try {
    return [reply(topic, 'accepted', await work())];
  } catch (error) {
    if (error instanceof ProvisioningRefusal) return [reply(topic, 'rejected', error.answer)];
    throw error;
  }
}

export const failure = ({ topic }: DeviceRequest, why: 'throttled' | 'internal'): DeviceReply[] => [
  reply(
    topic,
    'rejected',
    why === 'throttled'
      ? refusalAnswer('Throttled', 'too many requests wait: try again later')
      : refusalAnswer('InternalError', 'the request could not be handled: try again later'),
  ),
];
