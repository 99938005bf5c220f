import { rebuildDeviceIndex } from '../../application/rebuild-device-index.js';

/** What the worker must handle. */
export const fleetJobs = [rebuildDeviceIndex];
