import { buildSchema, graphql } from 'graphql';
import type { GraphqlContext, MutationOutcome } from './context.js';
import { startDeadline, superviseResolvers } from './supervise.js';

const never = new Promise<never>(() => undefined);

/** A schema whose `quick`, `hangs` and `nested` count how often they ran. */
function supervised() {
  const ran: string[] = [];
  const schema = buildSchema(
    'type Query { quick: Int hangs: Int outer: Outer } type Outer { nested: Int } type Mutation { make(name: String): String fail: Int refuse: Int }',
  );
  const resolve = (type: string, field: string, run: (args: { name?: string }) => unknown) => {
    const object = schema.getType(type);
    if (object && 'getFields' in object) {
      const found = object.getFields()[field];
      if (found && 'resolve' in found)
        found.resolve = (_source: unknown, args: { name?: string }) => {
          ran.push(field);
          return run(args);
        };
    }
  };
  resolve('Query', 'quick', () => 1);
  resolve('Query', 'hangs', () => never);
  resolve('Query', 'outer', async () => ({}));
  resolve('Outer', 'nested', () => never);
  resolve('Mutation', 'make', ({ name }) => `made ${name}`);
  resolve('Mutation', 'fail', async () => {
    throw new Error('broken');
  });
  resolve('Mutation', 'refuse', () => {
    throw new Error('no');
  });
  return { schema: superviseResolvers(schema), ran };
}

const context = (more: Partial<GraphqlContext> = {}): GraphqlContext => ({ requestId: 'r', address: 'a', ...more });

describe('deadline of a request', () => {
  it('ends the waiting for a resolver that hangs, also a nested one, and keeps what is there', async () => {
    const { schema } = supervised();
    const { deadline } = startDeadline(1_000, 'too late');
    const answer = await graphql({
      schema,
      source: '{ quick hangs outer { nested } }',
      contextValue: context({ deadline }),
    });
    expect(answer.data).toEqual({ quick: 1, hangs: null, outer: { nested: null } });
    expect(answer.errors?.map((error) => [error.path?.join('.'), error.message])).toEqual([
      ['hangs', 'too late'],
      ['outer.nested', 'too late'],
    ]);
  });

  it('lets no resolver start after it', async () => {
    const { schema, ran } = supervised();
    const { deadline } = startDeadline(0, 'too late');
    await deadline.passed.catch(() => undefined);
    const answer = await graphql({ schema, source: '{ quick }', contextValue: context({ deadline }) });
    expect(answer.errors?.[0]?.message).toBe('too late');
    expect(ran).toEqual([]);
  });

  it('is none of the business of a request that has none', async () => {
    const { schema } = supervised();
    expect((await graphql({ schema, source: '{ quick }', contextValue: context() })).data).toEqual({ quick: 1 });
  });
});

describe('outcomes of mutations', () => {
  it('are told in order with arguments, result or error', async () => {
    const { schema } = supervised();
    const outcomes: MutationOutcome[] = [];
    const source = 'mutation { make(name: "x") fail refuse again: make(name: "y") }';
    await graphql({ schema, source, contextValue: context({ outcomes }) });
    expect(outcomes).toEqual([
      { action: 'make', args: { name: 'x' }, result: 'made x' },
      { action: 'fail', args: {}, error: new Error('broken') },
      { action: 'refuse', args: {}, error: new Error('no') },
      { action: 'make', args: { name: 'y' }, result: 'made y' },
    ]);
  });
});
