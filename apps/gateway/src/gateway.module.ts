import { type DynamicModule, Module } from '@nestjs/common';
import { FleetModule } from '@throughline/fleet';
import type { Clock } from '@throughline/kernel';
import { type Config, DeviceListener, PlatformModule } from '@throughline/platform';
import { OperationsModule } from '@throughline/platform/http';
import { TelemetryMqttModule } from '@throughline/telemetry/mqtt';
import { DeviceSessions } from './device-sessions.js';
import { Gateway } from './gateway.js';
import { AedesListener } from './listeners/aedes-listener.js';
import { BrokerListener } from './listeners/broker-listener.js';

@Module({})
export class GatewayModule {
  static with(config: Config, clock?: Clock): DynamicModule {
    return {
      module: GatewayModule,
      imports: [PlatformModule.forRoot(config, clock), FleetModule, TelemetryMqttModule, OperationsModule.for()],
      providers: [
        Gateway,
        DeviceSessions,
        { provide: DeviceListener, useClass: config.mqtt.url ? BrokerListener : AedesListener },
      ],
      exports: [Gateway],
    };
  }
}
