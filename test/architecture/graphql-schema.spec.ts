import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { policyOf } from '@throughline/identity';
import { buildSchema as parseSchema } from 'graphql';
import { graphqlModules } from '../../apps/api/src/graphql-modules.js';
import { providedClasses, schemaText } from '../../apps/api/src/schema-text.js';

const FILE = join(import.meta.dirname, '../../apps/api/schema.graphql');

describe('the GraphQL schema', () => {
  it('is committed as the code says it ("npm run schema" writes it)', async () => {
    expect(await schemaText()).toBe(await readFile(FILE, 'utf8'));
  });

  it('has a policy on every field of Query, Mutation and Subscription', async () => {
    const schema = parseSchema(await schemaText());
    const declared = new Map<string, unknown>();
    for (const resolver of providedClasses(graphqlModules)) {
      for (const name of Object.getOwnPropertyNames(resolver.prototype)) {
        const method: unknown = Object.getOwnPropertyDescriptor(resolver.prototype, name)?.value;
        if (typeof method !== 'function') continue;
        const type: unknown = Reflect.getMetadata('graphql:resolver_type', method);
        const given: unknown = Reflect.getMetadata('graphql:resolver_name', method);
        if (typeof type === 'string')
          declared.set(`${type}.${typeof given === 'string' ? given : name}`, policyOf(method) ?? policyOf(resolver));
      }
    }
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
    const fields = roots.flatMap((root) =>
      Object.keys(root?.getFields() ?? {}).map((field) => `${root?.name}.${field}`),
    );
    expect(fields.length).toBeGreaterThan(5);
    expect(fields.filter((field) => declared.get(field) === undefined)).toEqual([]);
  });

  it('is open to everyone for signing in and out only', async () => {
    const open = providedClasses(graphqlModules).flatMap((resolver) =>
      Object.getOwnPropertyNames(resolver.prototype).filter((name) => {
        const method: unknown = Object.getOwnPropertyDescriptor(resolver.prototype, name)?.value;
        const policy = typeof method === 'function' ? (policyOf(method) as { kind?: string } | undefined) : undefined;
        return policy?.kind === 'public';
      }),
    );
    expect(open.sort()).toEqual(['refresh', 'signIn', 'signOut']);
  });
});
