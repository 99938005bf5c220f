import type { EntityManager } from '@throughline/platform';

/** Whether anything was seeded: the seed is one transaction, so one organisation means all of it. */
export async function hasOrganisation(em: EntityManager): Promise<boolean> {
  const rows = await em.execute<unknown[]>('select 1 from organisation limit 1');
  return rows.length > 0;
}
