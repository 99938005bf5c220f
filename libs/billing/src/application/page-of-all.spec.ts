import type { Connection } from '@throughline/platform';
import fc from 'fast-check';
import { type Place, pageOfAll } from './page-of-all.js';

const places = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 50 })), { selector: String })
  .map((list) => list.sort(([a, x], [b, y]) => (a === b ? x - y : a < b ? -1 : 1)));

const self = (place: Place): Place => place;

describe('a page of a list in memory', () => {
  it('after page gives every item once, in order', () => {
    fc.assert(
      fc.property(places, fc.integer({ min: 1, max: 20 }), (all, first) => {
        const seen: Place[] = [];
        let page: Connection<Place>;
        let after: string | undefined;
        do {
          page = pageOfAll<Place>('test', all, { first, after }, self);
          expect(page.totalCount).toBe(all.length);
          seen.push(...page.edges.map((edge) => edge.node));
          after = page.pageInfo.endCursor ?? undefined;
        } while (page.pageInfo.hasNextPage);
        expect(seen).toEqual(all);
      }),
    );
  });

  it('goes on after the cursor of a sister list', () => {
    const cursor = pageOfAll<Place>('test', [['b', 5]], { first: 1, after: undefined }, self).pageInfo.endCursor;
    const sister: Place[] = [
      ['a', 9],
      ['b', 4],
      ['b', 6],
      ['c', 1],
    ];
    const page = pageOfAll('test', sister, { first: 10, after: cursor ?? '' }, self);
    expect(page.edges.map((edge) => edge.node)).toEqual(sister.slice(2));
  });

  it('refuses a strange cursor, unless there is nothing to page', () => {
    expect(() => pageOfAll<Place>('test', [['a', 1]], { first: 1, after: 'x' }, self)).toThrow(/after/);
    expect(pageOfAll<Place>('test', [], { first: 1, after: 'x' }, self)).toMatchObject({ edges: [], totalCount: 0 });
  });
});
