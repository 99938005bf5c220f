import { Migration } from '@mikro-orm/migrations';

export class Commands extends Migration {
  override up(): void {
    this.addSql(`create table "command_definition" ("id" uuid not null, "model_id" uuid not null, "name" varchar(64) not null, "version" int not null, "title" varchar(200) not null, "arguments_schema" jsonb not null, "result_schema" jsonb not null, "timeout_s" int not null, "expiry_s" int not null, "payload" text not null, "created_at" timestamptz(3) not null, primary key ("id"))`);
    this.addSql(`alter table "command_definition" add constraint "command_definition_model_id_name_version_unique" unique ("model_id", "name", "version")`);
    this.addSql(`create table "command_execution" ("id" uuid not null, "device_id" uuid not null, "asset_id" uuid null, "customer_id" uuid null, "definition_id" uuid not null, "request_key" varchar(120) not null, "arguments" jsonb not null, "requested_by" varchar(200) not null, "created_at" timestamptz(3) not null, "expires_at" timestamptz(3) not null, "timeout_s" int not null, "state" text not null, "sent_at" timestamptz(3) null, "deliveries" int not null, "deadline_at" timestamptz(3) null, "started_at" timestamptz(3) null, "ended_at" timestamptz(3) null, "updated_at" timestamptz(3) not null, "reason_code" varchar(64) null, "reason_description" varchar(1024) null, "progress_percent" int null, "progress_step" varchar(200) null, "log" text null, "result" jsonb null, "result_faults" jsonb null, "late" boolean not null, "last_answer" jsonb null, primary key ("id"))`);
    this.addSql(`create index "command_execution_device_id_created_at_index" on "command_execution" ("device_id", "created_at")`);
    this.addSql(`create index "command_execution_asset_id_created_at_index" on "command_execution" ("asset_id", "created_at")`);
    this.addSql(`create index "command_execution_unanswered" on "command_execution" ("device_id") where state in ('queued', 'sent')`);
    this.addSql(`create index "command_execution_expiry" on "command_execution" ("expires_at") where state = 'queued'`);
    this.addSql(`create index "command_execution_deadline" on "command_execution" ("deadline_at") where state in ('sent', 'in_progress')`);
    this.addSql(`alter table "command_execution" add constraint "command_execution_device_id_request_key_unique" unique ("device_id", "request_key")`);
    this.addSql(`create table "diagnostic_run" ("id" uuid not null, "batch_id" uuid not null, "procedure" varchar(60) not null, "execution_id" uuid not null, "device_id" uuid not null, "asset_id" uuid null, "customer_id" uuid null, "requested_by" varchar(200) not null, "created_at" timestamptz(3) not null, "from_at" timestamptz(3) null, "to_at" timestamptz(3) null, "verdict" text null, primary key ("id"))`);
    this.addSql(`create index "diagnostic_run_batch_id_index" on "diagnostic_run" ("batch_id")`);
    this.addSql(`alter table "diagnostic_run" add constraint "diagnostic_run_execution_id_unique" unique ("execution_id")`);
    this.addSql(`create index "diagnostic_run_asset_id_created_at_index" on "diagnostic_run" ("asset_id", "created_at")`);
    this.addSql(`alter table "command_definition" add constraint "command_definition_model_id_foreign" foreign key ("model_id") references "model" ("id")`);
    this.addSql(`alter table "command_definition" add constraint "command_definition_payload_check" check ("payload" in ('named', 'arguments'))`);
    this.addSql(`alter table "command_execution" add constraint "command_execution_device_id_foreign" foreign key ("device_id") references "device" ("id")`);
    this.addSql(`alter table "command_execution" add constraint "command_execution_asset_id_foreign" foreign key ("asset_id") references "asset" ("id") on delete set null`);
    this.addSql(`alter table "command_execution" add constraint "command_execution_customer_id_foreign" foreign key ("customer_id") references "organisation" ("id") on delete set null`);
    this.addSql(`alter table "command_execution" add constraint "command_execution_definition_id_foreign" foreign key ("definition_id") references "command_definition" ("id")`);
    this.addSql(`alter table "command_execution" add constraint "command_execution_state_check" check ("state" in ('queued', 'sent', 'in_progress', 'succeeded', 'failed', 'rejected', 'timed_out', 'gave_up', 'expired', 'canceled'))`);
    this.addSql(`alter table "command_execution" enable row level security`);
    this.addSql(`alter table "command_execution" force row level security`);
    this.addSql(`create policy "customer_rows" on "command_execution" using (((select coalesce(current_setting('app.all', true), '') = 'on') or customer_id = any ((select string_to_array(coalesce(current_setting('app.customers', true), ''), ','))::uuid[]))) with check (((select coalesce(current_setting('app.all', true), '') = 'on') or customer_id = any ((select string_to_array(coalesce(current_setting('app.customers', true), ''), ','))::uuid[])))`);
    this.addSql(`alter table "diagnostic_run" add constraint "diagnostic_run_execution_id_foreign" foreign key ("execution_id") references "command_execution" ("id")`);
    this.addSql(`alter table "diagnostic_run" add constraint "diagnostic_run_device_id_foreign" foreign key ("device_id") references "device" ("id")`);
    this.addSql(`alter table "diagnostic_run" add constraint "diagnostic_run_asset_id_foreign" foreign key ("asset_id") references "asset" ("id") on delete set null`);
    this.addSql(`alter table "diagnostic_run" add constraint "diagnostic_run_customer_id_foreign" foreign key ("customer_id") references "organisation" ("id") on delete set null`);
    this.addSql(`alter table "diagnostic_run" add constraint "diagnostic_run_verdict_check" check ("verdict" in ('passed', 'failed'))`);
    this.addSql(`alter table "diagnostic_run" enable row level security`);
    this.addSql(`alter table "diagnostic_run" force row level security`);
    this.addSql(`create policy "customer_rows" on "diagnostic_run" using (((select coalesce(current_setting('app.all', true), '') = 'on') or customer_id = any ((select string_to_array(coalesce(current_setting('app.customers', true), ''), ','))::uuid[]))) with check (((select coalesce(current_setting('app.all', true), '') = 'on') or customer_id = any ((select string_to_array(coalesce(current_setting('app.customers', true), ''), ','))::uuid[])))`);
    this.addSql(`create trigger command_definition_frozen before update on command_definition for each row execute function refuse_change()`);
  }
}
