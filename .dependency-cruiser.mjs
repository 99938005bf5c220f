import { libs, staffDoors, vendors } from './libs.mjs';

const anyOf = (names) => `(${names.join('|')})`;
const forbidden = [
  {
    name: 'no-cycles',
    comment: 'A cycle means two files are one; move what both need above them.',
    severity: 'error',
    from: {},
    to: { circular: true, viaOnly: { pathNot: 'node_modules' } },
  },
  ...libs.slice(0, -1).map((lib, i) => ({
    name: `order-${lib}`,
    comment: `${lib} may import only libs above it: news for a lib below is an event through the outbox.`,
    severity: 'error',
    from: { path: `^libs/${lib}/` },
    to: { path: `^libs/${anyOf(libs.slice(i + 1))}/` },
  })),
  {
    name: 'front-door-only',
    comment: 'Another lib is used through its index.ts; its resolvers and jobs through their doors.',
    severity: 'error',
    from: { path: '^(libs|apps)/([^/]+)/', pathNot: '\\.spec\\.ts$' },
    to: {
      path: '^libs/([^/]+)/src/',
      pathNot: [
        '^libs/$2/',
        '^libs/[^/]+/src/index\\.ts$',
        '^libs/platform/src/graphql/server\\.ts$',
        `^libs/[^/]+/src/inbound/${anyOf(staffDoors)}/index\\.ts$`,
      ],
    },
  },
  {
    name: 'staff-doors-for-apps',
    comment:
      'Resolvers, jobs and the like of a lib are wired by apps; only GraphQL types may be shared among GraphQL doors.',
    severity: 'error',
    from: { path: '^libs/([^/]+)/src/', pathNot: ['^libs/[^/]+/src/inbound/graphql/', '\\.spec\\.ts$'] },
    to: { path: `^libs/(?!$1/)[^/]+/src/inbound/${anyOf(staffDoors)}/` },
  },
  {
    name: 'domain-is-pure',
    comment: 'Domain code is pure: its own folder, the kernel, and front doors of libs above.',
    severity: 'error',
    from: { path: '^libs/([^/]+)/src/domain/', pathNot: '\\.spec\\.ts$' },
    to: {
      path: [
        '^libs/$1/src/(application|storage|inbound|outbound)/',
        '^libs/platform/',
        '^node_modules/(@nestjs|@mikro-orm|pg|fastify)',
        '^prisma-free-schema/',
      ],
      dependencyTypesNot: ['type-only'],
    },
  },
  {
    name: 'kernel-without-frameworks',
    severity: 'error',
    from: { path: '^libs/kernel/' },
    to: { path: '^node_modules/(@nestjs|@mikro-orm)' },
  },
  {
    name: 'nothing-points-at-inbound',
    severity: 'error',
    from: { path: '^libs/([^/]+)/src/(domain|application|storage|outbound)/', pathNot: '\\.spec\\.ts$' },
    to: { path: '^libs/$1/src/inbound/' },
  },
  {
    name: 'storage-below-application',
    severity: 'error',
    from: { path: '^libs/([^/]+)/src/storage/', pathNot: '\\.spec\\.ts$' },
    to: { path: '^libs/$1/src/application/' },
  },
  {
    name: 'apps-apart',
    severity: 'error',
    from: { path: '^apps/([^/]+)/' },
    to: { path: '^apps/(?!$1/)' },
  },
  {
    name: 'no-test-code-in-the-product',
    severity: 'error',
    from: {
      path: '^(libs|apps|prisma-free-schema)/',
      pathNot: ['\\.spec\\.ts$', '^(libs|apps)/[^/]+/test/', '^apps/cli/'],
    },
    to: { path: '^test/' },
  },
  ...vendors.map(({ package: name, allowed }) => ({
    name: `vendor-${name.replace(/[^a-z]/g, '')}`,
    severity: 'error',
    from: { pathNot: [allowed, '\\.spec\\.ts$'] },
    to: { path: `^node_modules/${name.slice(1, -1)}/` },
  })),
];

export default {
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/|apps/portal/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['source', 'import', 'node', 'default'] },
  },
};
