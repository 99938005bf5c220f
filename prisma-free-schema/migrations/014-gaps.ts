import { Migration } from '@mikro-orm/migrations';

export class Gaps extends Migration {
  override up(): void {
    this.addSql(`create table "missing_range" ("device_id" uuid not null, "boot" int not null, "from_seq" bigint not null, "to_seq" bigint not null, "asset_id" uuid null, "customer_id" uuid null, "after_at" timestamptz(3) null, "before_at" timestamptz(3) null, "state" text not null, "reason" text null, "found_at" timestamptz(3) not null, "asked" int not null default 0, "first_asked_at" timestamptz(3) null, "ask_at" timestamptz(3) null, "lost_at" timestamptz(3) null, primary key ("device_id", "boot", "from_seq"))`);
    this.addSql(`create index "missing_range_due" on "missing_range" ("ask_at") where state = 'missing'`);
    this.addSql(`create index "missing_range_asset" on "missing_range" ("asset_id", "before_at")`);
    this.addSql(`alter table "boot_progress" add "checked_seq" bigint not null default '0', add "looked_at" timestamptz(3) null`);
    this.addSql(`alter table "missing_range" add constraint "missing_range_device_id_foreign" foreign key ("device_id") references "device" ("id")`);
    this.addSql(`alter table "missing_range" add constraint "missing_range_asset_id_foreign" foreign key ("asset_id") references "asset" ("id") on delete set null`);
    this.addSql(`alter table "missing_range" add constraint "missing_range_customer_id_foreign" foreign key ("customer_id") references "organisation" ("id") on delete set null`);
    this.addSql(`alter table "missing_range" add constraint "missing_range_state_check" check ("state" in ('missing', 'lost'))`);
    this.addSql(`alter table "missing_range" add constraint "missing_range_reason_check" check ("reason" in ('unanswered', 'told'))`);
    this.addSql(`alter table "missing_range" enable row level security`);
    this.addSql(`alter table "missing_range" force row level security`);
    this.addSql(`create policy "customer_rows" on "missing_range" using (((select coalesce(current_setting('app.all', true), '') = 'on') or customer_id = any ((select string_to_array(coalesce(current_setting('app.customers', true), ''), ','))::uuid[]))) with check (((select coalesce(current_setting('app.all', true), '') = 'on') or customer_id = any ((select string_to_array(coalesce(current_setting('app.customers', true), ''), ','))::uuid[])))`);
  }
}
