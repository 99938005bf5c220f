import { ObjectType } from '@nestjs/graphql';
import fc from 'fast-check';
import { connectionOfAll, Paginated, pageArgs } from './pages.js';

describe('pageArgs', () => {
  it('gives 50 when nothing is asked for', () => {
    expect(pageArgs()).toEqual({ first: 50, after: undefined });
    expect(pageArgs(null, null)).toEqual({ first: 50, after: undefined });
  });

  it.each([0, -1, 101, 1.5, Number.NaN])('refuses first: %s', (first) => {
    expect(() => pageArgs(first)).toThrow('first: must be a whole number from 1 to 100');
  });
});

describe('connectionOfAll', () => {
  it('walks a list of any length in pages of any size, each item once and in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 20 }), (length, first) => {
        const all = Array.from({ length }, (_, i) => `item-${i}`);
        const seen: string[] = [];
        let after: string | undefined;
        for (let more = true; more; ) {
          const page = connectionOfAll('l', all, pageArgs(first, after), (item) => item);
          expect(page.totalCount).toBe(length);
          expect(page.pageInfo.hasPreviousPage).toBe(after !== undefined);
          seen.push(...page.edges.map((edge) => edge.node));
          after = page.pageInfo.endCursor ?? undefined;
          more = page.pageInfo.hasNextPage;
        }
        expect(seen).toEqual(all);
      }),
    );
  });

  it('refuses a cursor of an item that is not there', () => {
    const { edges } = connectionOfAll('l', ['a'], pageArgs(1), (x) => x);
    expect(() => connectionOfAll('l', ['b'], pageArgs(1, edges[0]?.cursor), (x) => x)).toThrow('after');
  });
});

describe('Paginated', () => {
  it('gives the same class for the same node', () => {
    @ObjectType('Thing')
    class ThingType {}
    expect(Paginated(ThingType)).toBe(Paginated(ThingType));
  });

  it('refuses a class that is no GraphQL type', () => {
    class Plain {}
    expect(() => Paginated(Plain)).toThrow('Plain is no @ObjectType');
  });
});
