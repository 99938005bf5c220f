import { Module } from '@nestjs/common';
import { AvailabilityModule } from '@throughline/availability';
import { FleetModule } from '@throughline/fleet';
import { TelemetryModule } from '@throughline/telemetry';
import { CounterReadings } from './application/counter-readings.js';
import { MarkUsageDirty } from './application/mark-usage-dirty.js';
import { Meters } from './application/meters.js';
import { RecomputeMarkedUsage } from './application/recompute-marked-usage.js';
import { RecomputeUsage } from './application/recompute-usage.js';
import { RegisterMeter } from './application/register-meter.js';
import { Usage } from './application/usage.js';
import { DirtyStore } from './storage/dirty.store.js';
import { MeterStore } from './storage/meter.store.js';
import { UsageStore } from './storage/usage.store.js';
import { WindowStore } from './storage/window.store.js';

const useCases = [MarkUsageDirty, Meters, RecomputeMarkedUsage, RecomputeUsage, RegisterMeter, Usage];

@Module({
  imports: [FleetModule, TelemetryModule, AvailabilityModule],
  providers: [...useCases, CounterReadings, DirtyStore, MeterStore, UsageStore, WindowStore],
  exports: useCases,
})
export class MeteringModule {}
