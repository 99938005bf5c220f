import { readFileSync } from 'node:fs';
import type { Config } from '@throughline/platform';
import type { IClientOptions } from 'mqtt';

/** What a connection to the outside broker shows and trusts; nothing when no files are set. */
export function brokerTls({ clientTls }: Config['mqtt']): Pick<IClientOptions, 'cert' | 'key' | 'ca'> {
  const { certFile, keyFile, caFile } = clientTls ?? {};
  return {
    ...(certFile && { cert: readFileSync(certFile) }),
    ...(keyFile && { key: readFileSync(keyFile) }),
    ...(caFile && { ca: readFileSync(caFile) }),
  };
}
