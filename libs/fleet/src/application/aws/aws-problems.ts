import { Injectable } from '@nestjs/common';
import { Database, type DataScope } from '@throughline/platform';
import { AwsMirrorStore } from '../../storage/aws-mirror.store.js';

/** Why AWS IoT does not have devices and jobs as they are here; those that are well are left out. */
@Injectable()
export class AwsProblems {
  constructor(
    private readonly database: Database,
    private readonly mirror: AwsMirrorStore,
  ) {}

  async ofDevices(scope: DataScope, ids: readonly string[]): Promise<Map<string, string>> {
    return this.database.read(scope, (em) => this.mirror.deviceErrors(em, ids));
  }

  async ofJobs(scope: DataScope, ids: readonly string[]): Promise<Map<string, string>> {
    return this.database.read(scope, (em) => this.mirror.jobErrors(em, ids));
  }
}
