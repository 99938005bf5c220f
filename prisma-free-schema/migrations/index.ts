import type { MigrationObject } from '@mikro-orm/core';
import { Initial } from './001-initial.js';

/** In the order they run; append only. */
export const migrations: MigrationObject[] = [{ name: '001-initial', class: Initial }];
