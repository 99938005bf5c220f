import { Migration } from '@mikro-orm/migrations';

export class Updates extends Migration {
  override up(): void {
    this.addSql(`create table "artefact" ("id" uuid not null, "model_id" uuid not null, "hardware_id" varchar(64) not null, "version" varchar(64) not null, "counter" int not null, "length" int not null, "sha256" varchar(64) not null, "file_name" varchar(200) not null, "uploaded_by" varchar(320) not null, "uploaded_at" timestamptz(3) not null, primary key ("id"))`);
    this.addSql(`alter table "artefact" add constraint "artefact_model_id_hardware_id_version_unique" unique ("model_id", "hardware_id", "version")`);
    this.addSql(`create table "release" ("id" uuid not null, "model_id" uuid not null, "version" varchar(64) not null, "counter" int not null, "notes" text not null, "state" text not null, "created_by" varchar(320) not null, "created_at" timestamptz(3) not null, "published_at" timestamptz(3) null, "withdrawn_at" timestamptz(3) null, primary key ("id"))`);
    this.addSql(`alter table "release" add constraint "release_model_id_version_unique" unique ("model_id", "version")`);
    this.addSql(`create table "release_artefact" ("release_id" uuid not null, "hardware_id" varchar(64) not null, "artefact_id" uuid not null, primary key ("release_id", "hardware_id"))`);
    this.addSql(`create table "rollout" ("id" uuid not null, "release_id" uuid not null, "state" text not null, "started_by" varchar(320) not null, "started_at" timestamptz(3) not null, "ended_at" timestamptz(3) null, primary key ("id"))`);
    this.addSql(`create index "rollout_release_id_index" on "rollout" ("release_id")`);
    this.addSql(`create table "rollout_device" ("rollout_id" uuid not null, "device_id" uuid not null, "artefact_id" uuid null, "job_id" varchar(64) null, "state" text not null, "percent" smallint null, "why" text null, "execution_number" int not null default 0, "execution_version" int not null default 0, "reported_version" varchar(64) null, "reported_counter" int null, "reported_hardware" varchar(64) null, "reported_at" timestamptz(3) null, "changed_at" timestamptz(3) not null, primary key ("rollout_id", "device_id"))`);
    this.addSql(`create index "rollout_device_job_id_index" on "rollout_device" ("job_id")`);
    this.addSql(`create index "rollout_device_reported" on "rollout_device" ("device_id") where reported_version is not null`);
    this.addSql(`create unique index "rollout_device_under_way" on "rollout_device" ("device_id") where state in ('queued', 'downloading', 'installing', 'confirming')`);
    this.addSql(`alter table "artefact" add constraint "artefact_model_id_foreign" foreign key ("model_id") references "model" ("id")`);
    this.addSql(`alter table "release" add constraint "release_model_id_foreign" foreign key ("model_id") references "model" ("id")`);
    this.addSql(`alter table "release" add constraint "release_state_check" check ("state" in ('draft', 'published', 'withdrawn'))`);
    this.addSql(`alter table "release_artefact" add constraint "release_artefact_release_id_foreign" foreign key ("release_id") references "release" ("id")`);
    this.addSql(`alter table "release_artefact" add constraint "release_artefact_artefact_id_foreign" foreign key ("artefact_id") references "artefact" ("id")`);
    this.addSql(`alter table "rollout" add constraint "rollout_release_id_foreign" foreign key ("release_id") references "release" ("id")`);
    this.addSql(`alter table "rollout" add constraint "rollout_state_check" check ("state" in ('running', 'completed', 'cancelled'))`);
    this.addSql(`alter table "rollout_device" add constraint "rollout_device_rollout_id_foreign" foreign key ("rollout_id") references "rollout" ("id") on update cascade on delete cascade`);
    this.addSql(`alter table "rollout_device" add constraint "rollout_device_device_id_foreign" foreign key ("device_id") references "device" ("id") on update cascade on delete cascade`);
    this.addSql(`alter table "rollout_device" add constraint "rollout_device_artefact_id_foreign" foreign key ("artefact_id") references "artefact" ("id") on delete set null`);
    this.addSql(`alter table "rollout_device" add constraint "rollout_device_state_check" check ("state" in ('left_out', 'queued', 'downloading', 'installing', 'confirming', 'succeeded', 'failed', 'rolled_back', 'cancelled'))`);
  }
}
