import { categories, isCategory } from './category.js';

describe('the categories', () => {
  it('are those of the domain, strongest first', () => {
    expect(categories).toEqual([
      'not_contracted',
      'force_majeure',
      'planned_maintenance',
      'customer_caused',
      'utility',
      'vendor_down',
      'degraded',
      'producing',
      'ready',
      'unknown',
    ]);
  });

  it('are told from everything else', () => {
    for (const category of categories) expect(isCategory(category)).toBe(true);
    for (const other of [
      'Producing',
      'producing ',
      '',
      'toString',
      '__proto__',
      'length',
      0,
      null,
      undefined,
      ['ready'],
    ])
      expect(isCategory(other)).toBe(false);
  });
});
