import type { MigrationObject } from '@mikro-orm/core';
import { Initial } from './001-initial.js';
import { DeviceMessages } from './002-device-messages.js';
import { IotJobs } from './003-iot-jobs.js';
import { Shadow } from './004-shadow.js';
import { Commands } from './005-commands.js';
import { Provisioning } from './006-provisioning.js';
import { DeviceSearch } from './007-device-search.js';
import { Updates } from './008-updates.js';
import { StatementStays } from './009-statement-stays.js';
import { DiagnosticRunsByTime } from './010-diagnostic-runs-by-time.js';
import { AwsMode } from './011-aws-mode.js';
import { SetAsideAndBulk } from './012-set-aside-and-bulk.js';
import { Encodings } from './013-encodings.js';
import { Gaps } from './014-gaps.js';

/** In the order they run; append only. */
export const migrations: MigrationObject[] = [{ name: '001-initial', class: Initial },
  { name: '002-device-messages', class: DeviceMessages },
  { name: '003-iot-jobs', class: IotJobs },
  { name: '004-shadow', class: Shadow },
  { name: '005-commands', class: Commands },
  { name: '006-provisioning', class: Provisioning },
  { name: '007-device-search', class: DeviceSearch },
  { name: '008-updates', class: Updates },
  { name: '009-statement-stays', class: StatementStays },
  { name: '010-diagnostic-runs-by-time', class: DiagnosticRunsByTime },
  { name: '011-aws-mode', class: AwsMode },
  { name: '012-set-aside-and-bulk', class: SetAsideAndBulk },
  { name: '013-encodings', class: Encodings },
  { name: '014-gaps', class: Gaps },
];
