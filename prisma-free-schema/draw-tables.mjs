// Draws the tables into README.md, between the two marks, from the entities. `npm run drift` fails when it is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MikroORM } from '@mikro-orm/postgresql';
import { entities, ormConfig } from '@throughline/schema';

const orm = await MikroORM.init({ ...ormConfig('postgres://none@127.0.0.1:1/none'), connect: false });
const tables = entities.map((entity) => orm.getMetadata().get(entity.meta?.class ?? entity.meta?.className ?? entity));
const links = [];
for (const table of tables)
  for (const property of table.props.filter((p) => p.targetMeta))
    links.push(
      `  ${property.targetMeta.tableName} ||--o{ ${table.tableName} : "${property.fieldNames[0].replace(/_id$/, '')}"`,
    );
const picture = ['```mermaid', 'erDiagram', ...links, '```'].join('\n');
const rows = tables.map((table) => {
  const key = table.primaryKeys.map((name) => table.properties[name].fieldNames[0]).join(', ');
  return `| \`${table.tableName}\` | ${key} | ${table.policies.length > 0 ? 'forced' : '–'} |`;
});
const list = ['| table | key | row-level security |', '|---|---|---|', ...rows.sort()].join('\n');
const file = join(import.meta.dirname, 'README.md');
const text = readFileSync(file, 'utf8');
const [start, end] = ['<!-- tables -->', '<!-- /tables -->'];
const before = text.slice(0, text.indexOf(start) + start.length);
const after = text.slice(text.indexOf(end));
writeFileSync(file, `${before}\n${picture}\n\n${list}\n${after}`);
await orm.close();
