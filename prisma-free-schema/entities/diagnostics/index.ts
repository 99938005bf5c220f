export * from './commands.js';
export * from './runs.js';
