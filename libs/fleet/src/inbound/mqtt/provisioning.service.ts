import { Injectable } from '@nestjs/common';
import { DomainError } from '@throughline/kernel';
import { type DeviceReply, type DeviceRequest, DeviceService } from '../../application/device-service.js';
import { CreateCertificate } from '../../application/provisioning/create-certificate.js';
import { ProvisionThing } from '../../application/provisioning/provision-thing.js';
import { formats, membersOf, textsOf } from './provisioning-format.js';
import { answered, failure, formatOf } from './provisioning-replies.js';

/** Fleet provisioning by claim, as AWS IoT has it. */
@Injectable()
export class ProvisioningService extends DeviceService {
  readonly for = 'claim';
  readonly requests = formats.flatMap((format) => [
    `$aws/certificates/create-from-csr/${format}`,
    `$aws/certificates/create/${format}`,
    `$aws/provisioning-templates/+/provision/${format}`,
  ]);

  constructor(
    private readonly certificates: CreateCertificate,
    private readonly provision: ProvisionThing,
  ) {
    super();
  }

  handle({ requester, topic, payload }: DeviceRequest): Promise<readonly DeviceReply[]> {
    if (requester.kind !== 'claim') throw new DomainError('INTERNAL', 'a device asked where a claim must');
    return answered(topic, async () => {
      const members = membersOf(formatOf(topic), payload);
      const [, kind, name = ''] = topic.split('/');
      if (kind === 'provisioning-templates')
        return this.provision.run(requester, {
          templateName: name,
          token: members.get('certificateOwnershipToken'),
          parameters: textsOf(members.get('parameters'), 'parameters'),
        });
      return name === 'create'
        ? this.certificates.withKeys(requester)
        : this.certificates.fromCsr(requester, members.get('certificateSigningRequest'));
    });
  }

  failed(request: DeviceRequest, why: 'throttled' | 'internal'): readonly DeviceReply[] {
    return failure(request, why);
  }
}
