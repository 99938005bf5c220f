import type { MigrationObject } from '@mikro-orm/core';
import { Initial } from './001-initial.js';
import { DeviceMessages } from './002-device-messages.js';
import { IotJobs } from './003-iot-jobs.js';
import { Updates } from './004-updates.js';

/** In the order they run; append only. */
export const migrations: MigrationObject[] = [{ name: '001-initial', class: Initial },
  { name: '002-device-messages', class: DeviceMessages },
  { name: '003-iot-jobs', class: IotJobs },
  { name: '004-updates', class: Updates },
];
