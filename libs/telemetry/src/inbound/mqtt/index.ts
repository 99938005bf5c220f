export type { IngestSource } from '../../application/ingest/ingest-source.js';
export { DeviceMessages } from './device-messages.js';
export { TelemetryMqttModule } from './telemetry-mqtt.module.js';
