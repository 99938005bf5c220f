import { type Decimal, invalid, parseDecimal } from '@throughline/kernel';
import { GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';

const literalText = (node: ValueNode): unknown => (node.kind === Kind.STRING ? node.value : undefined);

/** A decimal as text: `Decimal`, string or integer in code, a string such as "12.50" on the wire. Floats are refused both ways. */
export const GraphQLDecimal: GraphQLScalarType<string, string> = new GraphQLScalarType({
  name: 'Decimal',
  description: 'Decimal number in text, such as "12.50"',
  serialize(value: unknown): string {
    if (typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value)))
      return value.toString();
    return typeof value === 'object' && value !== null && 'toFixed' in value
      ? (value as Decimal).toFixed()
      : checked(value);
  },
  parseValue: checked,
  parseLiteral: (node) => checked(literalText(node)),
});

function checked(value: unknown): string {
  parseDecimal(value, 'Decimal');
  return value as string;
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

function parseInstant(value: unknown): Date {
  const match = typeof value === 'string' ? rfc3339.exec(value) : null;
  const [year, month, day] = (match?.slice(1, 4) ?? []).map(Number);
  const calendar = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day ?? 0));
  if (!match || calendar.getUTCMonth() + 1 !== month || calendar.getUTCDate() !== day)
    throw invalid({ field: 'DateTime', value, rule: 'must be an RFC 3339 instant, such as "2026-03-02T08:00:00Z"' });
  return new Date(value as string);
}

/** An instant: `Date` in code, RFC 3339 in UTC with milliseconds on the wire. Given text must name its offset. */
export const GraphQLISODateTime: GraphQLScalarType<Date, string> = new GraphQLScalarType({
  name: 'DateTime',
  description: 'Instant, RFC 3339 in UTC',
  serialize(value: unknown): string {
    const date = value instanceof Date ? value : new Date(value as string | number);
    return date.toISOString();
  },
  parseValue: parseInstant,
  parseLiteral: (node) => parseInstant(literalText(node)),
});

/** Any JSON, for output only: what is inside is named by the field that has it. */
export const GraphQLJSON: GraphQLScalarType<unknown, unknown> = new GraphQLScalarType({
  name: 'JSON',
  description: 'JSON value whose shape depends on its context',
  serialize: (value) => value,
  parseValue: () => {
    throw invalid({ field: 'JSON', value: '…', rule: 'is for answers only' });
  },
  parseLiteral: () => {
    throw invalid({ field: 'JSON', value: '…', rule: 'is for answers only' });
  },
});

const jsonObject = (value: unknown): Record<string, unknown> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid({ field: 'JSONObject', value, rule: 'must be a JSON object' });
  return value as Record<string, unknown>;
};

/** A JSON object in both directions; what may be inside is for the field's use case to check. */
export const GraphQLJSONObject: GraphQLScalarType<Record<string, unknown>, unknown> = new GraphQLScalarType({
  name: 'JSONObject',
  description: 'JSON object whose shape depends on its context',
  serialize: (value) => value,
  parseValue: jsonObject,
  parseLiteral: (node, variables) => jsonObject(valueFromASTUntyped(node, variables)),
});
