import { Inject, Injectable } from '@nestjs/common';
import type { DeviceReply, DeviceRequest, DeviceService, Requester } from '@throughline/fleet';
import { Clock } from '@throughline/kernel';
import { type DeviceConnection, DeviceListener, Logger, Metrics } from '@throughline/platform';

export const DEVICE_SERVICES = Symbol('device services');

/** Requests of one thing that may wait for the one before them; AWS IoT allows 10 of shadows. */
const MAX_WAITING = 20;
const WORD = '[^/+#]+';

interface Route {
  readonly service: DeviceService;
  readonly pattern: RegExp;
}

type Done = (error?: Error) => void;

/** Brings what devices ask on `$aws/…` to the service it is for, those of one requester in order, and the replies back. */
@Injectable()
export class DeviceRequests {
  private readonly routes: readonly Route[];
  private readonly listeners: readonly DeviceService[];
  private readonly queues = new Map<string, { tail: Promise<void>; waiting: number }>();
  private readonly outcomes;

  constructor(
    @Inject(DEVICE_SERVICES) services: readonly DeviceService[],
    private readonly listener: DeviceListener,
    private readonly clock: Clock,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.routes = services.flatMap((service) =>
      service.requests.map((filter) => ({ service, pattern: patternOf(filter) })),
    );
    this.filters = services
      .filter((service) => service.for === 'device')
      .flatMap(({ requests }) => requests.filter((filter) => filter.includes('{thing}')))
      .map((filter) => filter.replace('{thing}', '+'));
    this.listeners = services.filter((service) => service.subscribed !== undefined);
    this.outcomes = metrics.counter('throughline_device_requests', 'Requests of devices on $aws topics', ['outcome']);
  }

  /** Topics of devices' requests that name the device, for a broker that carries them: the others need a connection we see. */
  readonly filters: readonly string[];

  /** The service that answers this topic to this requester, if there is one. */
  serviceFor(requester: Requester, topic: string): DeviceService | undefined {
    return this.routes.find(({ service, pattern }) => {
      if (service.for !== requester.kind) return false;
      const match = pattern.exec(topic);
      if (!match) return false;
      const thing = match.groups?.thing;
      return thing === undefined || (requester.kind === 'device' && thing === requester.thingName);
    })?.service;
  }

  /** Has the request handled and its replies sent; then `done`. */
  run(service: DeviceService, request: DeviceRequest, connection: DeviceConnection, done: Done): void {
    const key = keyOf(request.requester);
    if ((this.queues.get(key)?.waiting ?? 0) >= MAX_WAITING) {
      this.outcomes.inc({ outcome: 'throttled' });
      void this.reply(service.failed(request, 'throttled'), connection).then(() => done());
      return;
    }
    this.append(key, async () => {
      try {
        await this.reply(await this.handle(service, request), connection);
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  /** A client listens on the filter from now on: what waited for it is sent, behind the requests it made before. */
  subscribed(requester: Requester, filter: string, connection: DeviceConnection): void {
    const key = keyOf(requester);
    for (const service of this.listeners) {
      if (service.for !== requester.kind) continue;
      if ((this.queues.get(key)?.waiting ?? 0) >= MAX_WAITING) {
        this.logger.warn(
          { filter, clientId: requester.clientId },
          'too many requests wait: what waited for it waits on',
        );
        return;
      }
      this.append(key, async () => {
        try {
          await this.reply((await service.subscribed?.(requester, filter)) ?? [], connection);
        } catch (error) {
          this.logger.error({ err: error, filter, clientId: requester.clientId }, 'what waited for a device waits on');
        }
      });
    }
  }

  now(): Date {
    return this.clock.now();
  }

  /** Waits for what is being handled. */
  async flush(): Promise<void> {
    await Promise.all([...this.queues.values()].map(({ tail }) => tail));
  }

  private append(key: string, work: () => Promise<void>): void {
    const queue = this.queues.get(key) ?? { tail: Promise.resolve(), waiting: 0 };
    queue.waiting += 1;
    this.queues.set(key, queue);
    queue.tail = queue.tail.then(work).finally(() => {
      queue.waiting -= 1;
      if (queue.waiting === 0) this.queues.delete(key);
    });
  }

  private async handle(service: DeviceService, request: DeviceRequest): Promise<readonly DeviceReply[]> {
    try {
      const replies = await service.handle(request);
      this.outcomes.inc({ outcome: 'answered' });
      return replies;
    } catch (error) {
      this.outcomes.inc({ outcome: 'failed' });
      const { topic, requester } = request;
      this.logger.error({ err: error, topic, clientId: requester.clientId }, 'a request of a device failed');
      return service.failed(request, 'internal');
    }
  }

  private async reply(replies: readonly DeviceReply[], connection: DeviceConnection): Promise<void> {
    for (const { to, topic, payload } of replies) {
      if (to === 'requester') connection.send(topic, payload);
      else await this.listener.send(topic, payload, 1);
    }
  }
}

/** Requests of one key take turns. */
const keyOf = (requester: Requester): string =>
  requester.kind === 'device' ? requester.deviceId : `${requester.claimId} ${requester.clientId}`;

/** `{thing}` becomes the group "thing", `+` one level. */
const patternOf = (filter: string): RegExp =>
  new RegExp(
    `^${filter
      .split('/')
      .map((level) => (level === '{thing}' ? `(?<thing>${WORD})` : level === '+' ? WORD : level.replaceAll('$', '\\$')))
      .join('/')}$`,
  );
