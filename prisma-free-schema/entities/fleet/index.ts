export * from './registry.js';
export * from './search.js';
