export { type EmbeddedPostgres, startEmbeddedPostgres } from '../../apps/cli/src/embedded/postgres.js';
