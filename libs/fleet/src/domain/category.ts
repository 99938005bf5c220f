/** What an instant of an asset can be, strongest first (the idea of IEC TS 61400-26-1: exactly one each instant). */
export const categories = [
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
] as const;

export type Category = (typeof categories)[number];

/** What a machine's own state can mean. The other two are decided by contracts and people, never by a machine. */
export const machineCategories = categories.filter((c) => c !== 'not_contracted' && c !== 'force_majeure');

export const isMachineCategory = (text: unknown): text is Category => machineCategories.some((c) => c === text);
