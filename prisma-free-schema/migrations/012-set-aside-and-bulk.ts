import { Migration } from '@mikro-orm/migrations';

export class SetAsideAndBulk extends Migration {
  override up(): void {
    this.addSql(`create table "device_bulk" ("id" uuid not null, "action" text not null, "tags" jsonb null, "requested_by" varchar(200) not null, "created_at" timestamptz(3) not null, "finished_at" timestamptz(3) null, "total" int not null, "done" int not null default 0, "failed" int not null default 0, primary key ("id"))`);
    this.addSql(`create table "device_bulk_item" ("bulk_id" uuid not null, "n" int not null, "device_id" uuid not null, "outcome" text null, "reason" varchar(300) null, primary key ("bulk_id", "n"))`);
    this.addSql(`create index "device_bulk_item_device_id_index" on "device_bulk_item" ("device_id")`);
    this.addSql(`create table "quarantine_task" ("id" uuid not null, "action" text not null, "selection" jsonb not null, "reason" varchar(500) null, "requested_by" varchar(200) not null, "created_at" timestamptz(3) not null, "finished_at" timestamptz(3) null, "state" text not null, "total" int not null, "settled" int not null default 0, "kept" int not null default 0, "cursor" uuid null, "error" varchar(500) null, primary key ("id"))`);
    this.addSql(`create index "quarantine_task_created_at_index" on "quarantine_task" ("created_at")`);
    this.addSql(`create table "tls_refusal" ("hour" timestamptz(3) not null, "reason" varchar(40) not null, "party" varchar(64) not null, "connections" int not null, "first_at" timestamptz(3) not null, "last_at" timestamptz(3) not null, "remote_address" varchar(64) null, "fingerprint" varchar(64) null, "subject" varchar(128) null, "detail" varchar(300) not null, primary key ("hour", "reason", "party"))`);
    this.addSql(`create index "tls_refusal_last_at_index" on "tls_refusal" ("last_at")`);
    this.addSql(`alter table "quarantined_message" add "model_id" uuid null, add "rule_kind" varchar(200) not null default '', add "state" text not null default 'set_aside', add "settled_at" timestamptz(3) null, add "settled_by" varchar(200) null, add "settled_reason" varchar(500) null`);
    // Row-level security is forced on its owner too.
    this.addSql(`select set_config('app.all', 'on', true)`);
    this.addSql(`update quarantined_message q set model_id = (select d.model_id from device d where d.id = q.device_id),
      rule_kind = left(regexp_replace(regexp_replace(regexp_replace(rule, '^\\[[0-9]+\\] ', ''), ' \\(given: .*$', ''), '^(must be JSON):.*$', '\\1'), 200)`);
    this.addSql(`drop index if exists "quarantined_message_received_at_index"`);
    this.addSql(`alter table "quarantined_message" add constraint "quarantined_message_model_id_foreign" foreign key ("model_id") references "model" ("id") on delete set null`);
    this.addSql(`create index "quarantined_message_received_at_id_index" on "quarantined_message" ("received_at", "id")`);
    this.addSql(`create index "quarantined_message_state_reason_model_id_index" on "quarantined_message" ("state", "reason", "model_id")`);
    this.addSql(`create index "quarantined_message_thing_name_received_at_index" on "quarantined_message" ("thing_name", "received_at")`);
    this.addSql(`alter table "quarantined_message" add constraint "quarantined_message_state_check" check ("state" in ('set_aside', 'replayed', 'discarded'))`);
    this.addSql(`alter table "device_bulk" add constraint "device_bulk_action_check" check ("action" in ('set_tags', 'quarantine', 'release'))`);
    this.addSql(`alter table "device_bulk_item" add constraint "device_bulk_item_bulk_id_foreign" foreign key ("bulk_id") references "device_bulk" ("id")`);
    this.addSql(`alter table "device_bulk_item" add constraint "device_bulk_item_device_id_foreign" foreign key ("device_id") references "device" ("id")`);
    this.addSql(`alter table "device_bulk_item" add constraint "device_bulk_item_outcome_check" check ("outcome" in ('done', 'failed'))`);
    this.addSql(`alter table "quarantine_task" add constraint "quarantine_task_action_check" check ("action" in ('replay', 'discard'))`);
    this.addSql(`alter table "quarantine_task" add constraint "quarantine_task_state_check" check ("state" in ('running', 'done', 'failed'))`);
  }
}
