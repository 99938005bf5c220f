import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory } from '@nestjs/graphql';
import { buildSchemaOptions } from '@throughline/platform/graphql';
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { graphqlModules } from './graphql-modules.js';

const HEADER = '# Made from the code by "npm run schema"; a test fails when it differs.\n\n';

/** Classes that the modules provide; those without resolvers add nothing to a schema. */
export const providedClasses = (modules: readonly object[]): NewableFunction[] =>
  modules.flatMap((module) => {
    const providers: unknown = Reflect.getMetadata('providers', module);
    return Array.isArray(providers) ? providers.filter((p) => typeof p === 'function') : [];
  });

/** The schema of the composed modules, built without a database or a server. */
export async function buildSchema(): Promise<GraphQLSchema> {
  const app = await NestFactory.createApplicationContext(GraphQLSchemaBuilderModule, { logger: false });
  try {
    return await app.get(GraphQLSchemaFactory).create(providedClasses(graphqlModules), buildSchemaOptions);
  } finally {
    await app.close();
  }
}

/** The schema in SDL, sorted, so that the order of modules does not matter. */
export async function schemaText(): Promise<string> {
  return `${HEADER}${printSchema(lexicographicSortSchema(await buildSchema()))}\n`;
}
