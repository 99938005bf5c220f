import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { DeviceCa } from '@throughline/fleet';

/** The CA certificate as a file, for clients that connect over TLS. */
export async function saveCaCertificate(app: INestApplicationContext, dataDir: string): Promise<void> {
  writeFileSync(join(dataDir, 'ca.pem'), await app.get(DeviceCa).certificatePem());
}
