import { isPermission, isRole, nouns, type Permission, permissionsOf, type Role, roles } from './roles.js';

const everyRole = Object.keys(roles) as Role[];
const has = (role: Role, permission: Permission): boolean => permissionsOf(role).has(permission);
const rolesWith = (permission: Permission): Role[] => everyRole.filter((role) => has(role, permission));

describe('roles', () => {
  it('let an admin do everything and an auditor read everything', () => {
    expect(permissionsOf('admin').size).toBe(nouns.length * 2);
    expect([...permissionsOf('auditor')].sort()).toEqual(nouns.map((noun) => `${noun}:read`).sort());
  });

  it('hide plans, quarantine, commands and releases from every customer and partner', () => {
    for (const role of everyRole.filter((r) => roles[r].of !== 'manufacturer'))
      for (const permission of permissionsOf(role))
        expect(permission).not.toMatch(/^(plans|quarantine|audit|devices|jobs|commands|releases):/);
  });

  it('let customers and partners change nothing but an owner its users and API keys', () => {
    const writes = everyRole
      .filter((role) => roles[role].of !== 'manufacturer')
      .flatMap((role) => [...permissionsOf(role)].filter((p) => p.endsWith(':write')).map((p) => `${role} ${p}`));
    expect(writes.sort()).toEqual(['owner api_keys:write', 'owner users:write']);
  });

  it.each<[Permission, Role[]]>([
    ['plans:write', ['admin', 'finance']],
    ['contracts:write', ['admin', 'finance']],
    ['statements:write', ['admin', 'finance']],
    ['customers:write', ['admin', 'finance']],
    ['models:write', ['admin', 'fleet']],
    ['devices:write', ['admin', 'fleet', 'service']],
    ['jobs:write', ['admin', 'fleet', 'service']],
    ['commands:write', ['admin', 'fleet', 'service']],
    ['commands:read', ['admin', 'auditor', 'fleet', 'service', 'analyst']],
    ['users:write', ['admin', 'owner']],
    ['audit:read', ['admin', 'auditor']],
    ['audit:write', ['admin']],
    ['statements:read', ['admin', 'auditor', 'finance', 'analyst', 'owner', 'billing_contact']],
    ['api_keys:read', ['admin', 'auditor', 'owner']],
    ['releases:write', ['admin', 'fleet']],
    ['releases:read', ['admin', 'auditor', 'fleet', 'service', 'analyst']],
    ['quarantine:read', ['admin', 'auditor', 'fleet', 'service', 'analyst']],
    ['provisioning:read', ['admin', 'auditor', 'fleet', 'analyst']],
    ['provisioning:write', ['admin', 'fleet']],
  ])('give %s to %j only', (permission, expected) => {
    expect(rolesWith(permission)).toEqual(expected);
  });

  it('let whoever may write a thing read it', () => {
    for (const role of everyRole)
      for (const permission of permissionsOf(role))
        expect(has(role, permission.replace(':write', ':read') as Permission)).toBe(true);
  });

  it('give every role a console of its kind', () => {
    for (const role of everyRole) {
      expect(roles[role].consoles.length).toBeGreaterThan(0);
      if (roles[role].of !== 'manufacturer') expect(roles[role].consoles).toEqual(['customer']);
    }
  });

  it.each(['__proto__', 'constructor', 'toString', '', 'Admin'])('do not know the role %j', (text) => {
    expect(isRole(text)).toBe(false);
    expect(permissionsOf(text as Role).size).toBe(0);
  });

  it.each(['assets', 'assets:delete', 'assets:read ', '__proto__:read', 'all:read'])(
    'do not know the permission %j',
    (text) => {
      expect(isPermission(text)).toBe(false);
    },
  );
});
