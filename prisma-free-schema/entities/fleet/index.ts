export * from './bulk.js';
export * from './iot-jobs.js';
export * from './provisioning.js';
export * from './registry.js';
export * from './search.js';
export * from './shadow.js';
export * from './tls-refusals.js';
