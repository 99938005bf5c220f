import { DomainError, errorCodes, invalid, notFound, shown } from './errors.js';

describe('errors', () => {
  it('one error names every fault with field, value and rule', () => {
    const error = invalid(
      { field: 'name', value: '', rule: 'must not be empty' },
      { field: 'charges[1].amount', value: '-5', rule: 'must not be negative' },
    );
    expect(error).toBeInstanceOf(DomainError);
    expect(error.code).toBe('INVALID_INPUT');
    expect(error.message).toBe(
      'name: must not be empty (given: ""); charges[1].amount: must not be negative (given: "-5")',
    );
    expect(error.faults).toHaveLength(2);
    expect(error.rule).toEqual(errorCodes.INVALID_INPUT);
  });

  it('shows values short and on one line', () => {
    expect(shown(undefined)).toBe('nothing');
    expect(shown('a\nb')).toBe('"a\\nb"');
    expect(shown(['x'])).toBe('["x"]');
    expect(shown(1n)).toBe('1');
    expect(shown('y'.repeat(500)).length).toBeLessThanOrEqual(81);
  });

  it('does not tell what is missing from what is another customer’s', () => {
    expect(notFound('contract', 'c-1').message).toBe('contract "c-1" does not exist or is not yours to see');
  });
});
