import { Injectable } from '@nestjs/common';
import { type Connection, type EntityManager, keysetPage, type PageRequest } from '@throughline/platform';
import { QuarantinedMessage } from '@throughline/schema/telemetry';

@Injectable()
export class QuarantineStore {
  async page(em: EntityManager, page: PageRequest, thingName?: string): Promise<Connection<QuarantinedMessage>> {
    return keysetPage(em, QuarantinedMessage, {
      list: 'quarantine',
      where: thingName === undefined ? {} : { thingName },
      sort: [
        { property: 'receivedAt', type: 'date', direction: 'desc' },
        { property: 'id', type: 'string', direction: 'desc' },
      ],
      page,
    });
  }
}
