import { Migration } from '@mikro-orm/migrations';

export class IotJobs extends Migration {
  override up(): void {
    this.addSql(`create table "iot_job" ("id" uuid not null, "job_id" varchar(64) not null, "description" text not null, "document" text not null, "target_label" varchar(200) not null, "status" text not null, "in_progress_timeout_minutes" int null, "retries" jsonb not null, "forced" boolean not null, "unsettled" boolean not null, "created_by" varchar(320) not null, "created_at" timestamptz(3) not null, "last_updated_at" timestamptz(3) not null, "completed_at" timestamptz(3) null, primary key ("id"))`);
    this.addSql(`alter table "iot_job" add constraint "iot_job_job_id_unique" unique ("job_id")`);
    this.addSql(`create index "iot_job_unsettled" on "iot_job" ("id") where unsettled`);
    this.addSql(`create table "iot_job_execution" ("id" uuid not null, "iot_job_id" uuid not null, "device_id" uuid not null, "customer_id" uuid null, "execution_number" int not null, "status" text not null, "status_details" jsonb not null, "version_number" int not null, "queued_at" timestamptz(3) not null, "started_at" timestamptz(3) null, "last_updated_at" timestamptz(3) not null, "in_progress_until" timestamptz(3) null, "times_out_at" timestamptz(3) null, primary key ("id"))`);
    this.addSql(`create index "iot_job_execution_device_id_queued_at_index" on "iot_job_execution" ("device_id", "queued_at")`);
    this.addSql(`create index "iot_job_execution_pending" on "iot_job_execution" ("device_id") where status in ('QUEUED', 'IN_PROGRESS')`);
    this.addSql(`create index "iot_job_execution_pending_of_job" on "iot_job_execution" ("iot_job_id") where status in ('QUEUED', 'IN_PROGRESS')`);
    this.addSql(`create index "iot_job_execution_timer" on "iot_job_execution" ("times_out_at") where status = 'IN_PROGRESS'`);
    this.addSql(`alter table "iot_job_execution" add constraint "iot_job_execution_iot_job_id_device_id_execution_number_unique" unique ("iot_job_id", "device_id", "execution_number")`);
    this.addSql(`alter table "iot_job" add constraint "iot_job_status_check" check ("status" in ('IN_PROGRESS', 'COMPLETED', 'CANCELED', 'DELETION_IN_PROGRESS'))`);
    this.addSql(`alter table "iot_job_execution" add constraint "iot_job_execution_iot_job_id_foreign" foreign key ("iot_job_id") references "iot_job" ("id")`);
    this.addSql(`alter table "iot_job_execution" add constraint "iot_job_execution_device_id_foreign" foreign key ("device_id") references "device" ("id")`);
    this.addSql(`alter table "iot_job_execution" add constraint "iot_job_execution_customer_id_foreign" foreign key ("customer_id") references "organisation" ("id") on delete set null`);
    this.addSql(`alter table "iot_job_execution" add constraint "iot_job_execution_status_check" check ("status" in ('QUEUED', 'IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'REJECTED', 'TIMED_OUT', 'CANCELED', 'REMOVED'))`);
    this.addSql(`alter table "iot_job_execution" enable row level security`);
    this.addSql(`alter table "iot_job_execution" force row level security`);
    this.addSql(`create policy "customer_rows" on "iot_job_execution" using (((select coalesce(current_setting('app.all', true), '') = 'on') or customer_id = any ((select string_to_array(coalesce(current_setting('app.customers', true), ''), ','))::uuid[]))) with check (((select coalesce(current_setting('app.all', true), '') = 'on') or customer_id = any ((select string_to_array(coalesce(current_setting('app.customers', true), ''), ','))::uuid[])))`);
  }
}
