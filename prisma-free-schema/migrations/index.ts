import type { MigrationObject } from '@mikro-orm/core';
import { Initial } from './001-initial.js';
import { DeviceMessages } from './002-device-messages.js';
import { Updates } from './003-updates.js';

/** In the order they run; append only. */
export const migrations: MigrationObject[] = [{ name: '001-initial', class: Initial },
  { name: '002-device-messages', class: DeviceMessages },
  { name: '003-updates', class: Updates },
];
