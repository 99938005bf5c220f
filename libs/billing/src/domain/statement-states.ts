/**
 * Life of a statement. `rated`: its lines are fixed here. `drafted`: its invoice is a draft at Stripe. `finalised`: the totals
 * agreed and the invoice is open. `totals_differ`: they did not; nothing is sent until someone looks, and posting may be tried
 * again. `payment_failed`: the invoice is open after a refused payment, or given up. `void`: cancelled at Stripe.
 */
export const statementStates = [
  'rated',
  'drafted',
  'finalised',
  'paid',
  'payment_failed',
  'void',
  'totals_differ',
] as const;

export type StatementState = (typeof statementStates)[number];

/** What an invoice on Stripe's side may have become by the time we hear of it, whatever we knew last. */
const later = ['finalised', 'paid', 'payment_failed', 'void'] as const;

/** From each state the states that may follow. A state may always be reported again. */
export const statementMoves: Readonly<Record<StatementState, readonly StatementState[]>> = {
  rated: ['drafted', 'totals_differ', ...later],
  drafted: ['totals_differ', ...later],
  totals_differ: ['drafted', ...later],
  finalised: ['paid', 'payment_failed', 'void'],
  payment_failed: ['paid', 'void'],
  paid: [],
  void: [],
};

/** Whether what Stripe reports moves the statement on. Webhooks come late and twice: anything else changes nothing. */
export const mayMove = (from: StatementState, to: StatementState): boolean => statementMoves[from].includes(to);

/** States in which posting has not come to its end, and may be tried again. */
export const unpostedStates = ['rated', 'drafted', 'totals_differ'] as const satisfies readonly StatementState[];

export const isUnposted = (state: StatementState): boolean => (unpostedStates as readonly string[]).includes(state);

export type InvoiceStatus = 'draft' | 'open' | 'paid' | 'uncollectible' | 'void';

/**
 * The statement's state that an invoice at Stripe stands for. `paymentFailed`: news of a refused payment is what made us look;
 * an open invoice alone does not tell whether a payment is under way or was refused.
 */
export function stateOfInvoice(status: InvoiceStatus, paymentFailed: boolean): StatementState {
  switch (status) {
    case 'draft':
      return 'drafted';
    case 'open':
      return paymentFailed ? 'payment_failed' : 'finalised';
    case 'paid':
      return 'paid';
    case 'uncollectible':
      return 'payment_failed';
    case 'void':
      return 'void';
  }
}
