import { Migration } from '@mikro-orm/migrations';

export class DeviceMessages extends Migration {
  override up(): void {
    this.addSql(`create table "downlink" ("id" bigserial primary key, "topic" varchar(256) not null, "payload" bytea not null, "created_at" timestamptz not null default now())`);
  }
}
