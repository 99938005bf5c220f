import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { DiagnosticsMqttModule, diagnosticsDeviceServices } from '@throughline/diagnostics/mqtt';
import { type DeviceService, FleetModule } from '@throughline/fleet';
import { FleetMqttModule, fleetDeviceServices } from '@throughline/fleet/mqtt';
import type { Clock } from '@throughline/kernel';
import { OtaModule } from '@throughline/ota';
import { type Config, DeviceListener, PlatformModule } from '@throughline/platform';
import { OperationsModule } from '@throughline/platform/http';
import { TelemetryMqttModule } from '@throughline/telemetry/mqtt';
import { DEVICE_SERVICES, DeviceRequests } from './device-requests.js';
import { DeviceSessions } from './device-sessions.js';
import { Gateway } from './gateway.js';
import { AedesListener } from './listeners/aedes-listener.js';
import { BrokerListener } from './listeners/broker-listener.js';
import { BrokerPresence } from './listeners/broker-presence.js';
import { BrokerResponder } from './listeners/broker-responder.js';
import { PresenceEvents } from './presence-events.js';
import { SessionGuard } from './session-guard.js';

/** What answers devices on AWS IoT's topics. */
const deviceServices: Type<DeviceService>[] = [...fleetDeviceServices, ...diagnosticsDeviceServices];

@Module({})
export class GatewayModule {
  static with(config: Config, clock?: Clock): DynamicModule {
    return {
      module: GatewayModule,
      imports: [
        PlatformModule.forRoot(config, clock),
        FleetModule,
        FleetMqttModule,
        TelemetryMqttModule,
        DiagnosticsMqttModule,
        // Makes the links in the documents of update jobs.
        OtaModule,
        OperationsModule.for(),
      ],
      providers: [
        Gateway,
        DeviceSessions,
        DeviceRequests,
        ...(config.mqtt.url ? [BrokerResponder, BrokerPresence] : []),
        PresenceEvents,
        SessionGuard,
        { provide: DEVICE_SERVICES, useFactory: (...services: DeviceService[]) => services, inject: deviceServices },
        { provide: DeviceListener, useClass: config.mqtt.url ? BrokerListener : AedesListener },
      ],
      exports: [Gateway],
    };
  }
}
