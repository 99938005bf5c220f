import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateThingCommand,
  DeleteThingCommand,
  DescribeThingCommand,
  DetachThingPrincipalCommand,
  type IoTClient,
  ListThingPrincipalsCommand,
  RegisterCertificateWithoutCACommand,
  ResourceAlreadyExistsException,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { DomainError } from '@throughline/kernel';
import type { AwsThings } from './aws-iot.js';
import { calling, unlessMissing } from './failures.js';

/** Things and their certificates, in AWS IoT's registry. */
export class ThingsAtAws implements AwsThings {
  /** `arn:aws:iot:{region}:{account}:thing/`, learned from the first answer that has one. */
  private prefix: string | undefined;

  constructor(
    private readonly iot: IoTClient,
    private readonly devicePolicy: string,
  ) {}

  /** Done again for a thing of the same name it changes nothing. */
  async create(thingName: string): Promise<void> {
    await calling(`thing ${thingName}`, async () => {
      try {
        const { thingArn } = await this.iot.send(new CreateThingCommand({ thingName }));
        this.learn(thingArn);
      } catch (error) {
        // AWS IoT says so only when the thing differs from what was asked for (attributes added there): it is there.
        if (!(error instanceof ResourceAlreadyExistsException)) throw error;
      }
    });
  }

  async addCertificate(thingName: string, certificatePem: string): Promise<void> {
    await calling(`certificate of ${thingName}`, async () => {
      const principal = await this.register(certificatePem);
      await this.iot.send(new AttachPolicyCommand({ policyName: this.devicePolicy, target: principal }));
      await this.iot.send(new AttachThingPrincipalCommand({ thingName, principal }));
    });
  }

  async setCertificate(certificateId: string, status: 'ACTIVE' | 'INACTIVE'): Promise<boolean> {
    const done = await unlessMissing(`certificate ${certificateId}`, () =>
      this.iot.send(new UpdateCertificateCommand({ certificateId, newStatus: status })),
    );
    return done !== undefined;
  }

  async delete(thingName: string): Promise<void> {
    await unlessMissing(`thing ${thingName}`, async () => {
      for (const principal of await this.principals(thingName))
        await this.iot.send(new DetachThingPrincipalCommand({ thingName, principal }));
      await this.iot.send(new DeleteThingCommand({ thingName }));
    });
  }

  async certificates(thingName: string): Promise<string[]> {
    const principals = await unlessMissing(`thing ${thingName}`, () => this.principals(thingName));
    return (principals ?? []).flatMap((arn) => arn.split(':cert/')[1] ?? []);
  }

  /** How AWS names the thing in other calls. */
  async arnOf(thingName: string): Promise<string> {
    if (this.prefix === undefined)
      await calling(`thing ${thingName}`, async () =>
        this.learn((await this.iot.send(new DescribeThingCommand({ thingName }))).thingArn),
      );
    if (this.prefix === undefined) throw new DomainError('UNAVAILABLE', `AWS IoT gave no ARN for thing ${thingName}`);
    return `${this.prefix}${thingName}`;
  }

  private async principals(thingName: string): Promise<string[]> {
    const all: string[] = [];
    for (let nextToken: string | undefined; ; ) {
      const page = await this.iot.send(new ListThingPrincipalsCommand({ thingName, nextToken }));
      all.push(...(page.principals ?? []));
      nextToken = page.nextToken;
      if (!nextToken) return all;
    }
  }

  private learn(thingArn: string | undefined): void {
    if (thingArn) this.prefix = thingArn.slice(0, thingArn.indexOf(':thing/') + ':thing/'.length);
  }

  /** The certificate's ARN; a try before this one, whose answer was lost, may have registered it. */
  private async register(certificatePem: string): Promise<string> {
    try {
      const answer = await this.iot.send(new RegisterCertificateWithoutCACommand({ certificatePem, status: 'ACTIVE' }));
      if (answer.certificateArn) return answer.certificateArn;
    } catch (error) {
      if (!(error instanceof ResourceAlreadyExistsException)) throw error;
      const { resourceArn, resourceId } = error;
      if (resourceArn && resourceId) {
        await this.iot.send(new UpdateCertificateCommand({ certificateId: resourceId, newStatus: 'ACTIVE' }));
        return resourceArn;
      }
    }
    throw new DomainError('UNAVAILABLE', 'AWS IoT registered a certificate and gave no ARN for it');
  }
}
