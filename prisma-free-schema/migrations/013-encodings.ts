import { Migration } from '@mikro-orm/migrations';

export class Encodings extends Migration {
  override up(): void {
    this.addSql(`alter table "quarantined_message" drop constraint "quarantined_message_reason_check"`);
    this.addSql(`alter table "quarantined_message" add constraint "quarantined_message_reason_check" check ("reason" in ('malformed_json', 'malformed_cbor', 'malformed_senml', 'too_large', 'too_many', 'too_deep', 'not_an_object', 'forbidden_key', 'unknown_field', 'bad_identity', 'bad_time', 'unknown_metric', 'wrong_type', 'wrong_unit', 'out_of_range', 'no_schema', 'identity_conflict', 'device_quarantined', 'bad_event', 'unknown_topic', 'not_storable'))`);
  }
}
