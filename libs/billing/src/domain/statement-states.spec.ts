import fc from 'fast-check';
import {
  type InvoiceStatus,
  isUnposted,
  mayMove,
  type StatementState,
  statementMoves,
  statementStates,
  stateOfInvoice,
  unpostedStates,
} from './statement-states.js';

describe('states of a statement', () => {
  it('names every state in the table, and only states', () => {
    expect(Object.keys(statementMoves).sort()).toEqual([...statementStates].sort());
    for (const moves of Object.values(statementMoves)) for (const to of moves) expect(statementStates).toContain(to);
  });

  it('never moves to where it is, and ends at paid and void', () => {
    for (const state of statementStates) expect(mayMove(state, state)).toBe(false);
    expect(statementStates.filter((state) => statementMoves[state].length === 0)).toEqual(['paid', 'void']);
  });

  it('can be brought to paid from every state that is not an end', () => {
    for (const state of statementStates.filter((s) => s !== 'paid' && s !== 'void'))
      expect(mayMove(state, 'paid')).toBe(true);
  });

  it('never goes back from what has left the house', () => {
    for (const posted of ['finalised', 'payment_failed', 'paid', 'void'] as const)
      for (const unposted of unpostedStates) expect(mayMove(posted, unposted)).toBe(false);
    expect(mayMove('paid', 'finalised')).toBe(false);
    expect(mayMove('payment_failed', 'finalised')).toBe(false);
  });

  it('lets posting be tried again until the invoice is out', () => {
    expect(statementStates.filter(isUnposted)).toEqual(['rated', 'drafted', 'totals_differ']);
  });

  it.each<[InvoiceStatus, boolean, StatementState]>([
    ['draft', false, 'drafted'],
    ['open', false, 'finalised'],
    ['open', true, 'payment_failed'],
    ['paid', true, 'paid'],
    ['uncollectible', false, 'payment_failed'],
    ['void', true, 'void'],
  ])('an invoice that is %s (payment refused: %s) is a statement that is %s', (status, failed, state) => {
    expect(stateOfInvoice(status, failed)).toBe(state);
  });

  it('comes to the same end however late, often and in whatever order news come', () => {
    const news: StatementState[] = ['drafted', 'finalised', 'payment_failed', 'paid'];
    const follow = (list: readonly StatementState[]) =>
      list.reduce<StatementState>((state, to) => (mayMove(state, to) ? to : state), 'rated');
    fc.assert(
      fc.property(fc.shuffledSubarray([...news, ...news], { minLength: 8 }), (shuffled) => {
        expect(follow(shuffled)).toBe('paid');
      }),
    );
  });
});
