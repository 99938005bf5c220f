import type { Terms } from '@throughline/contracts';

/** The demo: one manufacturer, three customers, ten compressors and a pump. */
export const manufacturer = { name: 'Rheinwerk Compressors' };

export interface DemoAsset {
  readonly name: string;
  readonly location: string;
  /** How the fleet simulator plays it; the pump has none and waits for a replay. */
  readonly sim?: { readonly seed: number; readonly profile: string };
}

export interface DemoCustomer {
  readonly name: string;
  readonly billingEmail: string;
  readonly contract: string;
  readonly plan: string;
  readonly sites: readonly {
    readonly name: string;
    readonly address: string;
    readonly timeZone: string;
    readonly assets: readonly DemoAsset[];
  }[];
}

const compressor = (name: string, location: string, seed: number, profile: string): DemoAsset => ({
  name,
  location,
  sim: { seed, profile },
});

export const customers: readonly DemoCustomer[] = [
  {
    name: 'Harbour Foods',
    billingEmail: 'accounts@harbour-foods.example',
    contract: 'HF-2025-03',
    plan: 'Air as a service',
    sites: [
      {
        name: 'Rotterdam plant',
        address: 'Waalhaven 12, Rotterdam',
        timeZone: 'Europe/Amsterdam',
        assets: [
          compressor('AC-1041', 'Compressor hall', 1041, 'three-shift'),
          compressor('AC-1042', 'Compressor hall', 1042, 'two-shift'),
          compressor('AC-1043', 'Compressor hall', 1043, 'troubled'),
          { name: 'pump-1', location: 'Test bench' },
        ],
      },
      {
        name: 'Breda bottling',
        address: 'Markdal 4, Breda',
        timeZone: 'Europe/Amsterdam',
        assets: [
          compressor('AC-2007', 'Bottling', 2007, 'two-shift'),
          compressor('AC-2008', 'Bottling', 2008, 'weekend-idle'),
        ],
      },
      {
        name: 'Venlo cold store',
        address: 'Columbusweg 31, Venlo',
        timeZone: 'Europe/Amsterdam',
        assets: [compressor('AC-3110', 'Cold store', 3110, 'flaky-network')],
      },
    ],
  },
  {
    name: 'Noord Glas',
    billingEmail: 'finance@noord-glas.example',
    contract: 'NG-2025-11',
    plan: 'Air as a service',
    sites: [
      {
        name: 'Groningen furnace',
        address: 'Eemskanaal 8, Groningen',
        timeZone: 'Europe/Amsterdam',
        assets: [
          compressor('NG-01', 'Furnace hall', 9001, 'three-shift'),
          compressor('NG-02', 'Furnace hall', 9002, 'two-shift'),
        ],
      },
    ],
  },
  {
    name: 'Delta Textiles',
    billingEmail: 'ap@delta-textiles.example',
    contract: 'DT-2026-02',
    plan: 'Pay per hour',
    sites: [
      {
        name: 'Enschede mill',
        address: 'Spinnerij 1, Enschede',
        timeZone: 'Europe/Amsterdam',
        assets: [compressor('DT-7', 'Spinning hall', 7007, 'two-shift')],
      },
    ],
  },
];

const availability = {
  up: ['producing', 'ready', 'degraded'],
  down: ['vendor_down'],
  excluded: ['force_majeure', 'planned_maintenance', 'customer_caused', 'utility'],
  exclusions: 'removed',
  unknown: { mode: 'last_state_for', minutes: 15, then: 'excluded' },
  degraded: 'by_fraction',
  decimals: 2,
} as const;

export const plans: Readonly<Record<string, Terms>> = {
  'Air as a service': {
    currency: 'EUR',
    cadence: 'month',
    charges: [
      { kind: 'recurring', key: 'base_fee', description: 'Base fee', amount: '149.00', per: 'asset' },
      {
        kind: 'usage',
        key: 'air',
        description: 'Compressed air',
        meter: 'output_m3',
        unit: 'm3',
        pooling: 'contract',
        price: {
          model: 'graduated',
          tiers: [
            { upTo: '500000', unitPrice: '0.0150' },
            { upTo: '1500000', unitPrice: '0.0115' },
            { upTo: null, unitPrice: '0.0098' },
          ],
        },
      },
    ],
    guarantees: [
      {
        kind: 'availability',
        key: 'availability',
        description: 'Availability',
        target: '99.00',
        definition: availability,
        basis: 'base_fee',
        capPercent: '100',
        bands: [
          { below: '99.00', creditPercent: '5' },
          { below: '98.50', creditPercent: '15' },
          { below: '97.00', creditPercent: '40' },
        ],
      },
    ],
  },
  'Pay per hour': {
    currency: 'EUR',
    cadence: 'month',
    charges: [
      { kind: 'recurring', key: 'platform_fee', description: 'Service fee', amount: '39.00', per: 'contract' },
      {
        kind: 'usage',
        key: 'hours',
        description: 'Hours under load',
        meter: 'loaded_time',
        unit: 'h',
        pooling: 'asset',
        price: { model: 'per_unit', unitPrice: '4.20' },
      },
    ],
    guarantees: [],
  },
};

/** Accounts of the demo, one a role that has a console of its own or shows a boundary. */
export const accounts = [
  { role: 'owner', email: 'owner@harbour-foods.example', name: 'Olga Owner', of: 'Harbour Foods' },
  { role: 'viewer', email: 'viewer@noord-glas.example', name: 'Victor Viewer', of: 'Noord Glas' },
  { role: 'finance', email: 'finance@rheinwerk.example', name: 'Fiona Finance', of: manufacturer.name },
  { role: 'fleet', email: 'fleet@rheinwerk.example', name: 'Felix Fleet', of: manufacturer.name },
  { role: 'service', email: 'service@rheinwerk.example', name: 'Sara Service', of: manufacturer.name },
  { role: 'auditor', email: 'auditor@rheinwerk.example', name: 'Anton Auditor', of: manufacturer.name },
  { role: 'admin', email: 'admin@rheinwerk.example', name: 'Ada Admin', of: manufacturer.name },
] as const;
