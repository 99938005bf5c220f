export { DiagnosticsModule } from './diagnostics.module.js';
