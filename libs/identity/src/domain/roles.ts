/** What a permission is about. */
export const nouns = [
  'customers',
  'sites',
  'models',
  'devices',
  'assets',
  'telemetry',
  'plans',
  'contracts',
  'statements',
  'api_keys',
  'audit',
  'users',
  'quarantine',
  'jobs',
  'commands',
  'provisioning',
  'groups',
  'releases',
] as const;
export type Noun = (typeof nouns)[number];
export type Permission = `${Noun}:${'read' | 'write'}`;

export type OrganisationKind = 'manufacturer' | 'customer' | 'partner';
export type Console = 'customer' | 'finance' | 'fleet';

const read = (...of: Noun[]): Permission[] => of.map((noun) => `${noun}:read` as const);
const readAndWrite = (...of: Noun[]): Permission[] => of.flatMap((noun) => [`${noun}:read`, `${noun}:write`] as const);

interface RoleRule {
  /** The kind of organisation whose people may have the role. */
  readonly of: OrganisationKind;
  readonly consoles: readonly Console[];
  readonly permissions: readonly Permission[];
}

const machines = ['assets', 'telemetry', 'sites', 'customers', 'models'] as const;

/** Roles of the domain and what each may do. Customers' and partners' rows are narrowed by the data scope besides. */
export const roles = {
  admin: { of: 'manufacturer', consoles: ['customer', 'finance', 'fleet'], permissions: readAndWrite(...nouns) },
  auditor: { of: 'manufacturer', consoles: ['customer', 'finance', 'fleet'], permissions: read(...nouns) },
  fleet: {
    of: 'manufacturer',
    consoles: ['fleet', 'customer'],
    permissions: [
      ...readAndWrite(
        'devices',
        'assets',
        'models',
        'telemetry',
        'quarantine',
        'sites',
        'jobs',
        'commands',
        'provisioning',
        'groups',
        'releases',
      ),
      ...read('customers'),
    ],
  },
  service: {
    of: 'manufacturer',
    consoles: ['fleet', 'customer'],
    permissions: [
      ...readAndWrite('devices', 'assets', 'telemetry', 'quarantine', 'sites', 'jobs', 'commands', 'groups'),
      ...read('models', 'customers', 'releases'),
    ],
  },
  finance: {
    of: 'manufacturer',
    consoles: ['finance'],
    permissions: [
      ...readAndWrite('plans', 'contracts', 'statements', 'customers'),
      ...read('assets', 'telemetry', 'models', 'sites'),
    ],
  },
  analyst: {
    of: 'manufacturer',
    consoles: ['customer', 'finance', 'fleet'],
    permissions: read(...nouns.filter((noun) => !['api_keys', 'users', 'audit'].includes(noun))),
  },
  owner: {
    of: 'customer',
    consoles: ['customer'],
    permissions: [...read(...machines, 'statements', 'contracts'), ...readAndWrite('users', 'api_keys')],
  },
  operator: { of: 'customer', consoles: ['customer'], permissions: read(...machines) },
  billing_contact: {
    of: 'customer',
    consoles: ['customer'],
    permissions: read(...machines, 'statements', 'contracts'),
  },
  viewer: { of: 'customer', consoles: ['customer'], permissions: read(...machines) },
  partner: { of: 'partner', consoles: ['customer'], permissions: read(...machines) },
} as const satisfies Record<string, RoleRule>;

export type Role = keyof typeof roles;

export const isRole = (text: string): text is Role => Object.hasOwn(roles, text);

const sets = new Map<Role, ReadonlySet<Permission>>(
  Object.entries(roles).map(([role, rule]) => [role as Role, new Set<Permission>(rule.permissions)]),
);

const none: ReadonlySet<Permission> = new Set();

export const permissionsOf = (role: Role): ReadonlySet<Permission> => sets.get(role) ?? none;

const everyPermission = new Set<string>(readAndWrite(...nouns));

export const isPermission = (text: string): text is Permission => everyPermission.has(text);
