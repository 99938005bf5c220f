import { ShadowRefusal } from './refusal.js';

export const shadowOperations = ['get', 'update', 'delete'] as const;
export type ShadowOperation = (typeof shadowOperations)[number];

/** Topics of requests; `{thing}` is the requester. */
export const shadowRequestTopics: readonly string[] = shadowOperations.flatMap((operation) => [
  `$aws/things/{thing}/shadow/${operation}`,
  `$aws/things/{thing}/shadow/name/+/${operation}`,
]);

const nameRule = /^[a-zA-Z0-9:_-]{1,64}$/;

/** The classic shadow's name is ''. */
export const isShadowName = (name: unknown): name is string =>
  typeof name === 'string' && (name === '' || nameRule.test(name));

export const shadowTopic = (thingName: string, name: string, rest: string): string =>
  `$aws/things/${thingName}/shadow/${name === '' ? '' : `name/${name}/`}${rest}`;

/** What a request topic asks for, and of which shadow. @throws ShadowRefusal for a name that no shadow can have. */
export function askedFor(topic: string): { operation: ShadowOperation; name: string } {
  const levels = topic.split('/');
  const operation = shadowOperations.find((known) => known === levels.at(-1)) ?? 'get';
  const name = levels.length === 5 ? '' : (levels[5] ?? '');
  if (levels.length > 5 && !nameRule.test(name)) throw new ShadowRefusal('invalidName');
  return { operation, name };
}
