export { OperationsModule } from './operations.module.js';
export type { ReadinessCheck } from './readiness.js';
