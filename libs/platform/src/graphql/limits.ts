import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  type ValidationRule,
  type ValueNode,
} from 'graphql';
import { DEFAULT_PAGE } from './pages.js';

/**
 * What one request may ask. The portal's heaviest queries, at 100 items a page: what 100 contracts accrued, 5,105; the messages
 * under a line, 4,039; a fleet with live state and availability, 1,203; all plans with their terms, 1,986. The deepest is 10.
 * A chain of lists (assets → customer → sites → customer → contracts → assets) costs 19,402.
 */
export const requestLimits = {
  /** Syntax tokens of the text; the parser stops there. */
  tokens: 2_000,
  /** Levels of fields, fragments expanded. */
  depth: 10,
  /** Same for introspection, where it is allowed at all. */
  introspectionDepth: 20,
  /** Aliased fields, fragments expanded. */
  aliases: 15,
  /** Fields of Query, Mutation or Subscription in one operation. */
  rootFields: 10,
  /** Selected fields, fragments expanded. */
  fields: 500,
  /** Estimated objects and computations; see `costOf`. */
  cost: 8_000,
  bodyBytes: 256 * 1024,
} as const;

/** How many items a list without `first` is taken to have. */
const ASSUMED_LIST = 5;
/** A field of objects with arguments of its own (a period, an id) is a computation and not a mere join. */
const COMPUTED_COST = 3;
/** Sums stop here, so that exponential fragments stay finite numbers. */
const CEILING = 1e9;

export interface Measures {
  readonly depth: number;
  readonly introspectionDepth: number;
  readonly aliases: number;
  readonly fields: number;
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

const fragmentsOf = (document: DocumentNode): Fragments =>
  new Map(
    document.definitions.flatMap((d) => (d.kind === Kind.FRAGMENT_DEFINITION ? [[d.name.value, d] as const] : [])),
  );

const operationsOf = (document: DocumentNode): OperationDefinitionNode[] =>
  document.definitions.filter((d) => d.kind === Kind.OPERATION_DEFINITION);

const capped = (n: number): number => Math.min(n, CEILING);

/**
 * Depth, aliases and fields of a selection with its fragments expanded. Each fragment is measured once, so a chain of
 * fragments that doubles at every step takes no longer than its text; a cycle counts once and is another rule's fault.
 */
function measure(set: SelectionSetNode | undefined, fragments: Fragments, known: Map<string, Measures>): Measures {
  let depth = 0;
  let introspectionDepth = 0;
  let aliases = 0;
  let fields = 0;
  for (const selection of set?.selections ?? []) {
    let part: Measures;
    if (selection.kind === Kind.FIELD) {
      const inner = measure(selection.selectionSet, fragments, known);
      const introspective = selection.name.value.startsWith('__');
      part = {
        depth: introspective ? 0 : inner.depth + 1,
        introspectionDepth: introspective
          ? Math.max(inner.depth, inner.introspectionDepth) + 1
          : inner.introspectionDepth,
        aliases: inner.aliases + (selection.alias ? 1 : 0),
        fields: inner.fields + 1,
      };
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      part = measure(selection.selectionSet, fragments, known);
    } else {
      const name = selection.name.value;
      let found = known.get(name);
      if (!found) {
        known.set(name, { depth: 0, introspectionDepth: 0, aliases: 0, fields: 0 });
        found = measure(fragments.get(name)?.selectionSet, fragments, known);
        known.set(name, found);
      }
      part = found;
    }
    depth = Math.max(depth, part.depth);
    introspectionDepth = Math.max(introspectionDepth, part.introspectionDepth);
    aliases = capped(aliases + part.aliases);
    fields = capped(fields + part.fields);
  }
  return { depth, introspectionDepth, aliases, fields };
}

/** Fields that a selection puts at its own level, fragments expanded. */
function ownFields(set: SelectionSetNode | undefined, fragments: Fragments, known: Map<string, number>): number {
  let count = 0;
  for (const selection of set?.selections ?? []) {
    if (selection.kind === Kind.FIELD) count += 1;
    else if (selection.kind === Kind.INLINE_FRAGMENT) count += ownFields(selection.selectionSet, fragments, known);
    else {
      const name = selection.name.value;
      if (!known.has(name)) {
        known.set(name, 0);
        known.set(name, ownFields(fragments.get(name)?.selectionSet, fragments, known));
      }
      count += known.get(name) ?? 0;
    }
  }
  return capped(count);
}

const tooMuch = (what: string, is: number, limit: number): GraphQLError =>
  new GraphQLError(`The query has ${is >= CEILING ? 'too much' : is} ${what}; at most ${limit} is allowed`, {
    extensions: { code: 'QUERY_TOO_COMPLEX', http: { status: 400 } },
  });

/** The limits that the text alone decides; empty when it keeps them. */
export function textFaults(document: DocumentNode): GraphQLError[] {
  const fragments = fragmentsOf(document);
  const known = new Map<string, Measures>();
  const own = new Map<string, number>();
  const faults: GraphQLError[] = [];
  const hold = (what: string, is: number, limit: number): void => {
    if (is > limit) faults.push(tooMuch(what, is, limit));
  };
  for (const operation of operationsOf(document)) {
    const m = measure(operation.selectionSet, fragments, known);
    const introspects = m.introspectionDepth > 0;
    hold('levels of depth', m.depth, requestLimits.depth);
    hold('levels of introspection', m.introspectionDepth, requestLimits.introspectionDepth);
    hold('aliases', m.aliases, requestLimits.aliases);
    hold('fields', m.fields, introspects ? requestLimits.tokens : requestLimits.fields);
    hold('root fields', ownFields(operation.selectionSet, fragments, own), requestLimits.rootFields);
  }
  return faults;
}

const MAX_KNOWN = 1_000;
const knownGood = new Set<string>();

/**
 * Throws QUERY_TOO_COMPLEX for a text beyond the limits. It is asked before graphql-js validates, because that takes up to
 * 100 ms for a text of 2,000 tokens written for the purpose. A text that does not parse is left for the parser to report.
 */
export function refuseHeavyText(text: unknown): void {
  if (typeof text !== 'string' || knownGood.has(text)) return;
  let document: DocumentNode;
  try {
    document = parse(text, { maxTokens: requestLimits.tokens, noLocation: true });
  } catch (error) {
    if (error instanceof GraphQLError) return;
    throw error;
  }
  const [fault] = textFaults(document);
  if (fault) throw fault;
  if (knownGood.size >= MAX_KNOWN) knownGood.clear();
  knownGood.add(text);
}

/** Reports the first broken limit of the text before any resolver runs. */
export const limitsRule: ValidationRule = (context) => ({
  Document(document) {
    const [fault] = textFaults(document);
    if (fault) context.reportError(fault);
  },
});

/**
 * Estimated cost of an operation: each object 1, each computation 3 or what its field says (`@Cost`), lists times their
 * `first` (50 when not given) or 5. Fragments are counted where they are spread, each once per type.
 */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>> = {},
): number {
  const defaults = Object.fromEntries(
    (operation.variableDefinitions ?? []).map((d) => [d.variable.name.value, literal(d.defaultValue, {})]),
  );
  const given = { ...defaults, ...variables };
  const fragments = fragmentsOf(document);
  const known = new Map<string, number>();

  const ofSet = (set: SelectionSetNode | undefined, typeName: string, page: number): number => {
    const type = schema.getType(typeName);
    const fields = isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
    let total = 0;
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD) {
        const field = fields[selection.name.value];
        if (field) total += ofField(selection, field, page);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        total += ofSet(selection.selectionSet, selection.typeCondition?.name.value ?? typeName, page);
      } else {
        const key = `${selection.name.value} ${page}`;
        const fragment = fragments.get(selection.name.value);
        if (fragment && !known.has(key)) {
          known.set(key, 0);
          known.set(key, ofSet(fragment.selectionSet, fragment.typeCondition.name.value, page));
        }
        total += known.get(key) ?? 0;
      }
    }
    return capped(total);
  };

  const ofField = (node: FieldNode, field: GraphQLField<unknown, unknown>, page: number): number => {
    const named = getNamedType(field.type);
    if (!isCompositeType(named)) return declaredCost(field) ?? 0;
    const first = field.args.some((arg) => arg.name === 'first')
      ? (argument(node, 'first', given) ?? DEFAULT_PAGE)
      : undefined;
    const isList = isListType(getNullableType(field.type));
    // A connection hands its size on to its edges; a list with `first` has that many items.
    const items = isList ? (first ?? (field.name === 'edges' ? page : ASSUMED_LIST)) : 1;
    const children = ofSet(node.selectionSet, named.name, isList ? 1 : (first ?? 1));
    const own = declaredCost(field) ?? (field.args.some((arg) => !pagingArguments.has(arg.name)) ? COMPUTED_COST : 1);
    return capped(own + items * (children + (isList ? 1 : 0)));
  };

  const root = schema.getRootType(operation.operation);
  return root ? ofSet(operation.selectionSet, root.name, 1) : 0;
}

const pagingArguments = new Set(['first', 'after', 'filter']);

function declaredCost(field: GraphQLField<unknown, unknown>): number | undefined {
  const { cost } = field.extensions as { cost?: unknown };
  return typeof cost === 'number' ? cost : undefined;
}

function argument(node: FieldNode, name: string, variables: Readonly<Record<string, unknown>>): number | undefined {
  const value = literal(node.arguments?.find((a) => a.name.value === name)?.value, variables);
  return typeof value === 'number' && value > 0 ? value : undefined;
}

function literal(node: ValueNode | undefined, variables: Readonly<Record<string, unknown>>): unknown {
  if (node?.kind === Kind.VARIABLE) return variables[node.name.value];
  return node?.kind === Kind.INT ? Number(node.value) : undefined;
}

/** The error for an operation that costs too much, or undefined. */
export function costFault(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables?: Readonly<Record<string, unknown>>,
): GraphQLError | undefined {
  const cost = costOf(schema, document, operation, variables);
  return cost > requestLimits.cost ? tooMuch('points of cost', cost, requestLimits.cost) : undefined;
}
