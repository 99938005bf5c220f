import type { initGraphQLTada, ResultOf as TadaResultOf, VariablesOf as TadaVariablesOf } from 'gql.tada';
import type { introspection } from './schema.generated.js';

interface Setup {
  introspection: introspection;
  disableMasking: true;
  scalars: { DateTime: string; Decimal: string; JSON: unknown; ID: string };
}
type Tada = ReturnType<typeof initGraphQLTada<Setup>>;

/** A document as it is sent: its text and the fragments it needs. Its result and variables are known from the schema. */
export interface DocumentText {
  readonly text: string;
  readonly fragments: readonly DocumentText[];
}

/** Declares an operation or fragment; types come from the committed schema, nothing is parsed in the browser. */
export const graphql = ((text: string, fragments: readonly DocumentText[] = []): DocumentText => ({
  text,
  fragments,
})) as unknown as Tada;

export type Document<Result = unknown, Variables = unknown> = import('gql.tada').TadaDocumentNode<
  Result,
  Variables,
  unknown
>;
export type ResultOf<T> = TadaResultOf<T>;
export type VariablesOf<T> = TadaVariablesOf<T>;

/** Text to send: the operation and each fragment once. */
export function sourceOf(document: unknown): string {
  const texts = new Set<string>();
  const visit = (part: DocumentText) => {
    texts.add(part.text);
    part.fragments.forEach(visit);
  };
  visit(document as DocumentText);
  return [...texts].join('\n');
}

/** Name of the operation, used as the first part of cache keys. */
export function nameOf(document: unknown): string {
  return /(?:query|mutation|subscription)\s+(\w+)/.exec((document as DocumentText).text)?.[1] ?? 'anonymous';
}
