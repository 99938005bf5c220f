export interface Step {
  readonly text: string;
  readonly quantity: string | null;
  readonly unit: string | null;
  readonly unitPrice: string | null;
  readonly amount: string | null;
}

/** The most decimals among prices: beside one another they have as many. */
export const most = (prices: readonly (string | null)[]): number =>
  Math.max(2, ...prices.map((price) => price?.split('.')[1]?.length ?? 0));

/** What the text of a step says, without the product that is shown before it. */
export function said({ text, quantity, unit, unitPrice }: Step, currency: string): string {
  const products = [`${quantity} ${unit} × ${unitPrice} ${currency}`, `${quantity} × ${unitPrice} ${currency}`];
  const repeated = products.find((product) => text.endsWith(product));
  return repeated ? text.slice(0, -repeated.length).replace(/: $/, '') : text;
}
