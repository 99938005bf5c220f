import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { DiagnosticsMqttModule, diagnosticsAwsNews, diagnosticsDeviceServices } from '@throughline/diagnostics/mqtt';
import { type AwsNews, type DeviceService, FleetModule } from '@throughline/fleet';
import { FleetMqttModule, fleetAwsNews, fleetDeviceServices } from '@throughline/fleet/mqtt';
import type { Clock } from '@throughline/kernel';
import { OtaModule } from '@throughline/ota';
import { type Config, DeviceListener, PlatformModule } from '@throughline/platform';
import { OperationsModule } from '@throughline/platform/http';
import { TelemetryMqttModule } from '@throughline/telemetry/mqtt';
import { AWS_NEWS, AwsNewsRouter } from './aws-news-router.js';
import { DEVICE_SERVICES, DeviceRequests } from './device-requests.js';
import { DeviceSessions } from './device-sessions.js';
import { Gateway } from './gateway.js';
import { AedesListener } from './listeners/aedes-listener.js';
import { BrokerListener } from './listeners/broker-listener.js';
import { BrokerPresence } from './listeners/broker-presence.js';
import { BrokerResponder } from './listeners/broker-responder.js';
import { PresenceEvents } from './presence-events.js';
import { SessionGuard } from './session-guard.js';

/** What answers devices on AWS IoT's topics, unless AWS IoT itself does. */
const deviceServices: Type<DeviceService>[] = [...fleetDeviceServices, ...diagnosticsDeviceServices];
/** What then hears its news. */
const awsNews: Type<AwsNews>[] = [...fleetAwsNews, ...diagnosticsAwsNews];

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
        ...(config.mqtt.url ? [BrokerResponder, BrokerPresence, AwsNewsRouter] : []),
        PresenceEvents,
        SessionGuard,
        {
          provide: DEVICE_SERVICES,
          useFactory: (...services: DeviceService[]) => services,
          inject: config.aws ? [] : deviceServices,
        },
        { provide: AWS_NEWS, useFactory: (...news: AwsNews[]) => news, inject: config.aws ? awsNews : [] },
        { provide: DeviceListener, useClass: config.mqtt.url ? BrokerListener : AedesListener },
      ],
      exports: [Gateway],
    };
  }
}
