/** Which customers' rows a transaction may see and write. */
export type DataScope = { readonly kind: 'all' } | { readonly kind: 'customers'; readonly ids: readonly string[] };

/** System jobs and the manufacturer's staff. */
export const everyCustomer: DataScope = { kind: 'all' };

export const onlyCustomers = (ids: readonly string[]): DataScope => ({ kind: 'customers', ids });

/** Whether everything `inner` sees is seen by `outer` too. */
export const covers = (outer: DataScope, inner: DataScope): boolean =>
  outer.kind === 'all' || (inner.kind === 'customers' && inner.ids.every((id) => outer.ids.includes(id)));
