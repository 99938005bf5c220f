import { Module, type Type } from '@nestjs/common';
import type { AwsNews, DeviceService } from '@throughline/fleet';
import { DiagnosticsModule } from '../../diagnostics.module.js';
import { CommandAnswers } from './command-answers.js';
import { CommandsAwsNews } from './commands-aws-news.js';

/** What answers devices; each is a provider of the module below. */
export const diagnosticsDeviceServices: Type<DeviceService>[] = [CommandAnswers];

/** What takes AWS IoT's news in AWS mode. */
export const diagnosticsAwsNews: Type<AwsNews>[] = [CommandsAwsNews];

@Module({
  imports: [DiagnosticsModule],
  providers: [...diagnosticsDeviceServices, ...diagnosticsAwsNews],
  exports: [...diagnosticsDeviceServices, ...diagnosticsAwsNews],
})
export class DiagnosticsMqttModule {}
