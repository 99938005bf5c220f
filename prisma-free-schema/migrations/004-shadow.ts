import { Migration } from '@mikro-orm/migrations';

export class Shadow extends Migration {
  override up(): void {
    this.addSql(`create table "shadow" ("device_id" uuid not null, "name" varchar(64) not null, "customer_id" uuid null, "desired" jsonb null, "reported" jsonb null, "metadata" jsonb not null, "version" bigint not null, "indexed_version" bigint not null default '0', "updated_at" timestamptz(3) not null, "deleted_at" timestamptz(3) null, primary key ("device_id", "name"))`);
    this.addSql(`create index "shadow_not_indexed" on "shadow" ("device_id") where version <> indexed_version`);
    this.addSql(`create table "shadow_history" ("id" bigserial primary key, "device_id" uuid not null, "name" varchar(64) not null, "customer_id" uuid null, "version" bigint not null, "desired" jsonb null, "author_kind" text not null, "author_id" varchar(64) not null, "author_name" varchar(320) not null, "at" timestamptz(3) not null)`);
    this.addSql(`create index "shadow_history_device_id_name_id_index" on "shadow_history" ("device_id", "name", "id")`);
    this.addSql(`alter table "shadow" add constraint "shadow_device_id_foreign" foreign key ("device_id") references "device" ("id")`);
    this.addSql(`alter table "shadow" add constraint "shadow_customer_id_foreign" foreign key ("customer_id") references "organisation" ("id") on delete set null`);
    this.addSql(`alter table "shadow" enable row level security`);
    this.addSql(`alter table "shadow" force row level security`);
    this.addSql(`create policy "customer_rows" on "shadow" using (((select coalesce(current_setting('app.all', true), '') = 'on') or customer_id = any ((select string_to_array(coalesce(current_setting('app.customers', true), ''), ','))::uuid[]))) with check (((select coalesce(current_setting('app.all', true), '') = 'on') or customer_id = any ((select string_to_array(coalesce(current_setting('app.customers', true), ''), ','))::uuid[])))`);
    this.addSql(`alter table "shadow_history" add constraint "shadow_history_device_id_foreign" foreign key ("device_id") references "device" ("id")`);
    this.addSql(`alter table "shadow_history" add constraint "shadow_history_customer_id_foreign" foreign key ("customer_id") references "organisation" ("id") on delete set null`);
    this.addSql(`alter table "shadow_history" add constraint "shadow_history_author_kind_check" check ("author_kind" in ('user', 'api_key', 'system', 'device'))`);
    this.addSql(`alter table "shadow_history" enable row level security`);
    this.addSql(`alter table "shadow_history" force row level security`);
    this.addSql(`create policy "customer_rows" on "shadow_history" using (((select coalesce(current_setting('app.all', true), '') = 'on') or customer_id = any ((select string_to_array(coalesce(current_setting('app.customers', true), ''), ','))::uuid[]))) with check (((select coalesce(current_setting('app.all', true), '') = 'on') or customer_id = any ((select string_to_array(coalesce(current_setting('app.customers', true), ''), ','))::uuid[])))`);
  }
}
