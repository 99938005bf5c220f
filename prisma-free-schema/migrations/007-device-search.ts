import { Migration } from '@mikro-orm/migrations';

export class DeviceSearch extends Migration {
  override up(): void {
    this.addSql(`create table "device_group" ("id" uuid not null, "name" varchar(128) collate "C" not null, "kind" text not null, "description" varchar(500) not null default '', "query" text null, "created_at" timestamptz(3) not null, primary key ("id"))`);
    this.addSql(`alter table "device_group" add constraint "device_group_name_unique" unique ("name")`);
    this.addSql(`create table "device_term" ("device_id" uuid not null, "term" text collate "C" not null, "customer_id" uuid null, primary key ("device_id", "term"))`);
    this.addSql(`create index "device_term_term_device_id_customer_id_index" on "device_term" ("term", "device_id", "customer_id")`);
    this.addSql(`create table "device_index" ("device_id" uuid not null, "customer_id" uuid null, "thing_name" varchar(128) collate "C" not null, "model" varchar(80) collate "C" not null, "state" varchar(20) collate "C" not null, "firmware_key" text collate "C" not null, "connected" boolean not null, "connectivity_ms" bigint not null, primary key ("device_id"))`);
    this.addSql(`create index "device_index_customer_id_index" on "device_index" ("customer_id")`);
    this.addSql(`alter table "device_index" add constraint "device_index_thing_name_unique" unique ("thing_name")`);
    this.addSql(`create index "device_index_connected_thing_name_index" on "device_index" ("connected", "thing_name")`);
    this.addSql(`create index "device_index_connectivity_ms_thing_name_index" on "device_index" ("connectivity_ms", "thing_name")`);
    this.addSql(`create index "device_index_firmware_key_thing_name_index" on "device_index" ("firmware_key", "thing_name")`);
    this.addSql(`create index "device_index_state_thing_name_index" on "device_index" ("state", "thing_name")`);
    this.addSql(`create index "device_index_model_thing_name_index" on "device_index" ("model", "thing_name")`);
    this.addSql(`create table "device_group_member" ("group_id" uuid not null, "device_id" uuid not null, "added_at" timestamptz(3) not null, primary key ("group_id", "device_id"))`);
    this.addSql(`create index "device_group_member_device_id_index" on "device_group_member" ("device_id")`);
    this.addSql(`alter table "device" add "tags" jsonb not null default '{}', add "firmware_version" varchar(100) null`);
    this.addSql(`alter table "installation" add "loan" boolean not null default false`);
    this.addSql(`alter table "device_group" add constraint "device_group_kind_check" check ("kind" in ('static', 'dynamic'))`);
    this.addSql(`alter table "device_term" enable row level security`);
    this.addSql(`alter table "device_term" force row level security`);
    this.addSql(`create policy "customer_rows" on "device_term" using (((select coalesce(current_setting('app.all', true), '') = 'on') or customer_id = any ((select string_to_array(coalesce(current_setting('app.customers', true), ''), ','))::uuid[]))) with check (((select coalesce(current_setting('app.all', true), '') = 'on') or customer_id = any ((select string_to_array(coalesce(current_setting('app.customers', true), ''), ','))::uuid[])))`);
    this.addSql(`alter table "device_index" add constraint "device_index_device_id_foreign" foreign key ("device_id") references "device" ("id") on update cascade on delete cascade`);
    this.addSql(`alter table "device_index" add constraint "device_index_customer_id_foreign" foreign key ("customer_id") references "organisation" ("id") on delete set null`);
    this.addSql(`alter table "device_index" enable row level security`);
    this.addSql(`alter table "device_index" force row level security`);
    this.addSql(`create policy "customer_rows" on "device_index" using (((select coalesce(current_setting('app.all', true), '') = 'on') or customer_id = any ((select string_to_array(coalesce(current_setting('app.customers', true), ''), ','))::uuid[]))) with check (((select coalesce(current_setting('app.all', true), '') = 'on') or customer_id = any ((select string_to_array(coalesce(current_setting('app.customers', true), ''), ','))::uuid[])))`);
    this.addSql(`alter table "device_group_member" add constraint "device_group_member_group_id_foreign" foreign key ("group_id") references "device_group" ("id") on update cascade on delete cascade`);
    this.addSql(`alter table "device_group_member" add constraint "device_group_member_device_id_foreign" foreign key ("device_id") references "device" ("id") on update cascade on delete cascade`);
    // Common terms are known by name to the planner, so that it walks a sorted list for them and collects rare ones.
    this.addSql('alter table device_term alter column term set statistics 1000');
    // Devices that are there already are indexed by the worker.
    this.addSql("select set_config('app.all', 'on', true)");
    this.addSql(
      `insert into outbox (kind, name, payload) select 'job', 'fleet.rebuild-device-index', '{}' where exists (select 1 from device)`,
    );
  }
}
