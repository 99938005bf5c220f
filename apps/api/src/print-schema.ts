import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { schemaText } from './schema-text.js';

// Writes the GraphQL schema as the code says it, beside this app: `npm run schema`.
const file = join(import.meta.dirname, '../schema.graphql');
await writeFile(file, await schemaText());
process.stdout.write(`wrote ${file}\n`);
