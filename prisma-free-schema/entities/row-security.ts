/**
 * Row-level security for a table that holds customers' data: a transaction sees the rows of the customers named in its
 * session (`app.customers`, ids separated by commas) or, when `app.all` is on, every row. A missing setting shows nothing.
 * The settings are read in sub-selects, so PostgreSQL evaluates them once a query and not once a row.
 */
export const customerRows = (column: string) => ({
  rowLevelSecurity: 'force' as const,
  policies: [{ name: 'customer_rows', using: visible(column), check: visible(column) }],
  filters: {
    customer: {
      name: 'customer',
      default: true,
      cond: (args: { all?: boolean; customers?: string[] }) =>
        args.all ? {} : { [property(column)]: { $in: args.customers ?? [] } },
    },
  },
});

const visible = (column: string): string =>
  `((select coalesce(current_setting('app.all', true), '') = 'on') or ${column} = any ((select string_to_array(coalesce(current_setting('app.customers', true), ''), ','))::uuid[]))`;

const property = (column: string): string => column.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
