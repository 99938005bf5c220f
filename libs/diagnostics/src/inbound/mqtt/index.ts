import { Module, type Type } from '@nestjs/common';
import type { DeviceService } from '@throughline/fleet';
import { DiagnosticsModule } from '../../diagnostics.module.js';
import { CommandAnswers } from './command-answers.js';

/** What answers devices; each is a provider of the module below. */
export const diagnosticsDeviceServices: Type<DeviceService>[] = [CommandAnswers];

@Module({
  imports: [DiagnosticsModule],
  providers: [...diagnosticsDeviceServices],
  exports: [...diagnosticsDeviceServices],
})
export class DiagnosticsMqttModule {}
