import type { CommandInput } from '@throughline/diagnostics';
import type { ModelInput } from '@throughline/fleet';
import type { MeterInput } from '@throughline/metering';
import type { MetricDefinition } from '@throughline/telemetry';

/** A product type with what its devices say, what is counted of it, and what they can be told to do. */
export interface CatalogueModel extends ModelInput {
  readonly metrics: readonly MetricDefinition[];
  readonly meters: readonly MeterInput[];
  readonly commands: readonly CommandInput[];
}

const available = ['producing', 'ready', 'degraded'];

/** Silence of three reports of the slowest reporting in use (five minutes) is not known to be up. */
const STALE_MS = 900_000;

const DAY_S = 86_400;
const check = { enum: ['pass', 'fail'] };

/** What the agent of the compressor's controller carries out (`apps/device`). */
const compressorCommands: readonly CommandInput[] = [
  {
    name: 'run-self-test',
    title: 'Self-test',
    argumentsSchema: { type: 'object', additionalProperties: false },
    resultSchema: {
      type: 'object',
      properties: { outcome: check, pressure_sensor: check, motor: check, valve: check, network: check },
      required: ['outcome', 'pressure_sensor', 'motor', 'valve', 'network'],
      additionalProperties: false,
    },
    timeoutSeconds: 120,
    expirySeconds: DAY_S,
    payload: 'named',
  },
  {
    name: 'restart',
    title: 'Restart the controller',
    argumentsSchema: { type: 'object', additionalProperties: false },
    resultSchema: {
      type: 'object',
      properties: { boot: { type: 'string', title: 'Number of the boot after the restart' } },
      required: ['boot'],
      additionalProperties: false,
    },
    timeoutSeconds: 180,
    expirySeconds: 3_600,
    payload: 'named',
  },
  {
    name: 'set-report-interval',
    title: 'Set the report interval',
    argumentsSchema: {
      type: 'object',
      properties: { seconds: { type: 'integer', minimum: 1, maximum: 3_600, title: 'Seconds between readings' } },
      required: ['seconds'],
      additionalProperties: false,
    },
    resultSchema: {
      type: 'object',
      properties: { seconds: { type: 'string' } },
      required: ['seconds'],
      additionalProperties: false,
    },
    timeoutSeconds: 30,
    expirySeconds: DAY_S,
    payload: 'named',
  },
];

export const compressor: CatalogueModel = {
  name: 'compressor-rx90',
  title: 'Compressor RX-90',
  staleAfterMs: STALE_MS,
  stateMap: {
    metric: 'state',
    states: {
      0: { name: 'stopped', category: 'customer_caused' },
      1: { name: 'starting', category: 'ready' },
      2: { name: 'loaded', category: 'producing' },
      3: { name: 'unloaded', category: 'ready' },
      4: { name: 'fault', category: 'vendor_down' },
      5: { name: 'standby', category: 'ready' },
      6: { name: 'derated', category: 'degraded', fraction: '0.6' },
      7: { name: 'power fail', category: 'utility' },
    },
  },
  metrics: [
    { name: 'pressure_bar', title: 'Pressure', unit: 'bar', kind: 'gauge', min: 0, max: 16 },
    { name: 'oil_temp_c', title: 'Oil temperature', unit: 'Cel', kind: 'gauge', min: -40, max: 150 },
    { name: 'motor_current_a', title: 'Motor current', unit: 'A', kind: 'gauge', min: 0, max: 400 },
    { name: 'power_kw', title: 'Power', unit: 'kW', kind: 'gauge', min: 0, max: 250 },
    { name: 'load_pct', title: 'Load', unit: '%', kind: 'gauge', min: 0, max: 100 },
    { name: 'output_m3', title: 'Air delivered', unit: 'm3', kind: 'counter', min: 0, rollover: 1e9 },
    { name: 'run_hours', title: 'Running hours', unit: 'h', kind: 'counter', min: 0 },
    { name: 'state', title: 'State', unit: '1', kind: 'state' },
  ],
  meters: [
    { name: 'output_m3', title: 'Compressed air', definition: { type: 'counter', metric: 'output_m3' } },
    { name: 'loaded_time', title: 'Time under load', definition: { type: 'time_in_state', states: ['loaded'] } },
    { name: 'available_time', title: 'Available time', definition: { type: 'available_hours', categories: available } },
  ],
  commands: compressorCommands,
};

/** The pump of a test bench, whose recordings can be replayed. */
export const pump: CatalogueModel = {
  name: 'pump-p100',
  title: 'Pump P-100',
  staleAfterMs: STALE_MS,
  stateMap: {
    metric: 'state',
    states: {
      0: { name: 'stopped', category: 'ready' },
      1: { name: 'running', category: 'producing' },
      2: { name: 'fault', category: 'vendor_down' },
    },
  },
  metrics: [
    { name: 'accel1_rms', title: 'Vibration 1', unit: '[g]', kind: 'gauge', min: 0, max: 50 },
    { name: 'accel2_rms', title: 'Vibration 2', unit: '[g]', kind: 'gauge', min: 0, max: 50 },
    { name: 'current_a', title: 'Motor current', unit: 'A', kind: 'gauge', min: 0, max: 50 },
    { name: 'pressure_bar', title: 'Loop pressure', unit: 'bar', kind: 'gauge', min: -10, max: 50 },
    { name: 'temperature_c', title: 'Engine temperature', unit: 'Cel', kind: 'gauge', min: -50, max: 300 },
    { name: 'thermocouple_c', title: 'Fluid temperature', unit: 'Cel', kind: 'gauge', min: -50, max: 300 },
    { name: 'voltage_v', title: 'Voltage', unit: 'V', kind: 'gauge', min: 0, max: 1000 },
    { name: 'flow_lpm', title: 'Flow', unit: 'L/min', kind: 'gauge', min: -10, max: 1000 },
    { name: 'volume_l', title: 'Volume moved', unit: 'L', kind: 'counter', min: 0 },
    { name: 'state', title: 'State', unit: '1', kind: 'state' },
  ],
  meters: [
    { name: 'volume_l', title: 'Litres moved', definition: { type: 'counter', metric: 'volume_l' } },
    { name: 'available_time', title: 'Available time', definition: { type: 'available_hours', categories: available } },
  ],
  commands: [],
};
