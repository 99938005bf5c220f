import { Injectable } from '@nestjs/common';
import { DomainError } from '@throughline/kernel';
import { type DeviceReply, type DeviceRequest, DeviceService } from '../../application/device-service.js';
import { RotateCertificate } from '../../application/provisioning/rotate-certificate.js';
import { formats, membersOf } from './provisioning-format.js';
import { answered, failure, formatOf } from './provisioning-replies.js';

/** A device's next certificate, on the topic by which it got its first. */
@Injectable()
export class RotationService extends DeviceService {
  readonly for = 'device';
  readonly requests = formats.map((format) => `$aws/certificates/create-from-csr/${format}`);

  constructor(private readonly rotate: RotateCertificate) {
    super();
  }

  handle({ requester, topic, payload }: DeviceRequest): Promise<readonly DeviceReply[]> {
    if (requester.kind !== 'device') throw new DomainError('INTERNAL', 'a claim asked where a device must');
    return answered(topic, async () =>
      this.rotate.run(requester, membersOf(formatOf(topic), payload).get('certificateSigningRequest')),
    );
  }

  failed(request: DeviceRequest, why: 'throttled' | 'internal'): readonly DeviceReply[] {
    return failure(request, why);
  }
}
