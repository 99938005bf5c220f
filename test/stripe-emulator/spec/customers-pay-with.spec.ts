import Stripe from 'stripe';
import { startStripeEmulator } from '../src/index.js';

describe('customers of an emulator that was started with a payment method', () => {
  it('pay an invoice by themselves; one with a method of its own keeps it', async () => {
    const emulator = await startStripeEmulator({ customersPayWith: 'pm_card_visa' });
    try {
      const stripe = new Stripe('sk_test_pays', { host: emulator.host, port: emulator.port, protocol: 'http' });
      const customer = await stripe.customers.create({ name: 'Harbour Foods' });
      const draft = await stripe.invoices.create({
        customer: customer.id,
        currency: 'eur',
        collection_method: 'charge_automatically',
      });
      await stripe.invoices.addLines(draft.id ?? '', { lines: [{ amount: 14_900, description: 'Base fee' }] });
      await stripe.invoices.finalizeInvoice(draft.id ?? '', { auto_advance: false });
      expect((await stripe.invoices.pay(draft.id ?? '')).status).toBe('paid');
      const own = await stripe.customers.create({ name: 'Own', payment_method: 'pm_card_mastercard' });
      const methods = await stripe.customers.listPaymentMethods(own.id);
      expect(methods.data.map((method) => method.card?.brand)).toEqual(['mastercard']);
    } finally {
      await emulator.close();
    }
  });
});
