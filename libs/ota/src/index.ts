export { OtaModule } from './ota.module.js';
