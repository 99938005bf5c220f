import { DomainError } from '@throughline/kernel';
import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql';
import type { Deadline, GraphqlContext } from './context.js';

/** How long an answer may take, milliseconds. A mutation gets longer: stopping it half-way tells the caller less. */
export const deadlines = { query: 10_000, mutation: 30_000 } as const;

/** A deadline `ms` from now, by the machine's monotonic clock; `cancel` when the answer is out. */
export function startDeadline(ms: number, message: string): { deadline: Deadline; cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DomainError('TIMED_OUT', message)), ms);
  });
  // Nobody may be waiting when it passes; the rejection is then of no interest.
  passed.catch(() => undefined);
  return { deadline: { at: performance.now() + ms, passed }, cancel: () => clearTimeout(timer) };
}

type Resolver = GraphQLFieldResolver<unknown, GraphqlContext>;

/**
 * Makes every resolver of a schema keep its request's deadline (none starts after it, none is waited for beyond it), and every
 * mutation tell the request how it ended.
 */
export function superviseResolvers(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type === schema.getSubscriptionType() || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const resolve = field.resolve;
      if (!resolve || resolve === defaultFieldResolver) continue;
      field.resolve = type === schema.getMutationType() ? told(inTime(resolve)) : inTime(resolve);
    }
  }
  return schema;
}

const inTime =
  (resolve: Resolver): Resolver =>
  (source, args, context, info) => {
    const { deadline } = context;
    if (!deadline) return resolve(source, args, context, info);
    if (performance.now() >= deadline.at) return deadline.passed;
    const value = resolve(source, args, context, info);
    return isPromise(value) ? Promise.race([value, deadline.passed]) : value;
  };

const told =
  (resolve: Resolver): Resolver =>
  async (source, args, context, info) => {
    const outcome = { action: info.fieldName, args };
    try {
      const result = await resolve(source, args, context, info);
      context.outcomes?.push({ ...outcome, result });
      return result;
    } catch (error) {
      context.outcomes?.push({ ...outcome, error });
      throw error;
    }
  };

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
