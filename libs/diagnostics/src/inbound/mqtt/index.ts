import { Module, type Type } from '@nestjs/common';
import type { DeviceService } from '@throughline/fleet';
import { DiagnosticsModule } from '../../diagnostics.module.js';

/** What answers devices; each is a provider of the module below. */
export const diagnosticsDeviceServices: Type<DeviceService>[] = [];

@Module({
  imports: [DiagnosticsModule],
  providers: [...diagnosticsDeviceServices],
  exports: [...diagnosticsDeviceServices],
})
export class DiagnosticsMqttModule {}
