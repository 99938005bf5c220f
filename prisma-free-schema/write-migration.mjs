// `npm run migration -- NAME`: what the entities have and the migrations do not, as the next migration's SQL. Starts a
// PostgreSQL of its own, brings it up to date, and compares. What entities cannot say is added by hand afterwards.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MikroORM } from '@mikro-orm/postgresql';
import { startEmbeddedPostgres } from '../apps/cli/dist/embedded/postgres.js';
import { migrate } from '../libs/platform/dist/index.js';
import { ormConfig } from './dist/mikro-orm.config.js';

const name = process.argv[2] ?? '';
if (!/^[a-z][a-z-]*$/.test(name)) {
  console.error('usage: npm run migration -- NAME   (lower-case words with dashes)');
  process.exit(2);
}
const folder = join(import.meta.dirname, 'migrations');
const number = String(Math.max(...readdirSync(folder).map((file) => Number.parseInt(file, 10) || 0)) + 1).padStart(
  3,
  '0',
);
const dataDir = mkdtempSync(join(tmpdir(), 'throughline-migration-'));
const server = await startEmbeddedPostgres({ dataDir, database: 'migration', settings: { fsync: 'off' } });
try {
  await migrate(server.url);
  const orm = await MikroORM.init(ormConfig(server.url));
  const sql = await orm.schema.getUpdateSchemaSQL({ wrap: false, safe: true });
  await orm.close();
  // PostgreSQL gives policies back in its own words, so those of the tables that are there look changed.
  const made = new Set([...sql.matchAll(/create table "(\w+)"/g)].map((match) => match[1]));
  const statements = sql
    .split(/;\n/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
    .filter((statement) => !/policy/i.test(statement) || made.has(/ on "(\w+)"/.exec(statement)?.[1] ?? ''))
    // Constraints and indexes made by hand are not the entities' to drop; one that changed is added again under its name.
    .filter((statement) => {
      const dropped = /drop (?:index|constraint) "(\w+)"/.exec(statement)?.[1];
      return !dropped || sql.includes(`add constraint "${dropped}"`) || sql.includes(`index "${dropped}" on`);
    });
  if (statements.length === 0) console.log('the migrations have all that the entities have');
  else {
    const className = name.replace(/(?:^|-)(\w)/g, (_, letter) => letter.toUpperCase());
    const file = `${number}-${name}`;
    const body = statements.map((statement) => `    this.addSql(\`${statement}\`);`).join('\n');
    writeFileSync(
      join(folder, `${file}.ts`),
      `import { Migration } from '@mikro-orm/migrations';\n\nexport class ${className} extends Migration {\n  override up(): void {\n${body}\n  }\n}\n`,
    );
    const index = join(folder, 'index.ts');
    const text = readFileSync(index, 'utf8')
      .replace(/\n\n/, `\nimport { ${className} } from './${file}.js';\n\n`)
      .replace(/,?\s*\];\s*$/, `,\n  { name: '${file}', class: ${className} },\n];\n`);
    writeFileSync(index, text);
    console.log(`wrote migrations/${file}.ts: read it, and add what entities cannot say`);
  }
} finally {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
