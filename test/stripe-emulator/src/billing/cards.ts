/** Test cards by token: brand, last four digits and, for those that are refused when charged, how. */
export interface TestCard {
  brand: string;
  last4: string;
  funding: 'credit' | 'debit';
  country: string;
  decline?: { code: string; decline_code: string; message: string };
}

const declined = (decline_code: string, message = 'Your card was declined.', code = 'card_declined') => ({
  code,
  decline_code,
  message,
});
const visa = (last4: string, rest: Partial<TestCard> = {}): TestCard => ({
  brand: 'visa',
  last4,
  funding: 'credit',
  country: 'US',
  ...rest,
});

/** docs.stripe.com/testing: payment methods usable in place of a card's number. */
export const TEST_CARDS: Record<string, TestCard> = {
  pm_card_visa: visa('4242'),
  pm_card_visa_debit: visa('5556', { funding: 'debit' }),
  pm_card_mastercard: visa('4444', { brand: 'mastercard' }),
  pm_card_amex: visa('8431', { brand: 'amex' }),
  pm_card_de: visa('0002', { country: 'DE' }),
  pm_card_chargeDeclined: visa('0002', { decline: declined('generic_decline') }),
  pm_card_chargeCustomerFail: visa('0341', { decline: declined('generic_decline') }),
  pm_card_visa_chargeDeclined: visa('0002', { decline: declined('generic_decline') }),
  pm_card_visa_chargeDeclinedInsufficientFunds: visa('9995', {
    decline: declined('insufficient_funds', 'Your card has insufficient funds.'),
  }),
  pm_card_chargeDeclinedInsufficientFunds: visa('9995', {
    decline: declined('insufficient_funds', 'Your card has insufficient funds.'),
  }),
  pm_card_chargeDeclinedExpiredCard: visa('0069', {
    decline: declined('expired_card', 'Your card has expired.', 'expired_card'),
  }),
  pm_card_chargeDeclinedProcessingError: visa('0119', {
    decline: declined(
      'processing_error',
      'An error occurred while processing your card. Try again in a little bit.',
      'processing_error',
    ),
  }),
};

/** Tokens whose card is refused already when it is attached: `pm_card_chargeDeclined` is, `chargeCustomerFail` is not. */
export const REFUSED_ON_ATTACH = new Set(
  Object.entries(TEST_CARDS)
    .filter(([name, card]) => card.decline && name !== 'pm_card_chargeCustomerFail')
    .map(([name]) => name),
);

/** The token behind a card number or a `tok_…`. */
export function tokenOf(card: { number?: string; token?: string }): string | undefined {
  if (card.token) {
    const name = card.token.replace(/^tok_/, 'pm_card_');
    return name in TEST_CARDS ? name : undefined;
  }
  const last4 = card.number?.slice(-4);
  if (card.number === '4000000000000341') return 'pm_card_chargeCustomerFail';
  if (card.number === '4000000000000002') return 'pm_card_chargeDeclined';
  return Object.keys(TEST_CARDS).find((name) => TEST_CARDS[name]?.last4 === last4);
}
