import { Migration } from '@mikro-orm/migrations';

export class Provisioning extends Migration {
  override up(): void {
    this.addSql(`create table "provisioning_attempt" ("id" uuid not null, "at" timestamptz(3) not null, "operation" text not null, "accepted" boolean not null, "reason" varchar(60) null, "message" varchar(500) null, "batch_id" uuid null, "ca_id" uuid null, "client_id" varchar(128) not null, "remote_address" varchar(64) null, "parameters" jsonb null, "fingerprint" varchar(64) null, "thing_name" varchar(128) null, primary key ("id"))`);
    this.addSql(`create index "provisioning_attempt_at_index" on "provisioning_attempt" ("at")`);
    this.addSql(`create index "provisioning_attempt_batch_id_index" on "provisioning_attempt" ("batch_id")`);
    this.addSql(`create table "provisioning_template" ("id" uuid not null, "name" varchar(36) not null, "model_id" uuid not null, "parameters" jsonb not null, "thing_name_pattern" varchar(256) not null, "device_configuration" jsonb not null, "hook_url" varchar(500) null, "created_at" timestamptz(3) not null, primary key ("id"))`);
    this.addSql(`alter table "provisioning_template" add constraint "provisioning_template_name_unique" unique ("name")`);
    this.addSql(`create table "claim_batch" ("id" uuid not null, "name" varchar(80) not null, "template_id" uuid not null, "max_count" int not null, "provisioned_count" int not null default 0, "expires_at" timestamptz(3) not null, "deactivated_at" timestamptz(3) null, "serials_listed" boolean not null default false, "fingerprint" varchar(64) not null, "created_at" timestamptz(3) not null, primary key ("id"))`);
    this.addSql(`alter table "claim_batch" add constraint "claim_batch_name_unique" unique ("name")`);
    this.addSql(`create index "claim_batch_template_id_index" on "claim_batch" ("template_id")`);
    this.addSql(`alter table "claim_batch" add constraint "claim_batch_fingerprint_unique" unique ("fingerprint")`);
    this.addSql(`create table "issued_certificate" ("id" uuid not null, "key_hash" varchar(64) not null, "fingerprint" varchar(64) not null, "serial_number" varchar(64) not null, "certificate_pem" text not null, "not_before" timestamptz(3) not null, "not_after" timestamptz(3) not null, "batch_id" uuid null, "client_id" varchar(128) not null, "token_expires_at" timestamptz(3) not null, "device_id" uuid null, "request_hash" varchar(64) null, "redeemed_at" timestamptz(3) null, "created_at" timestamptz(3) not null, primary key ("id"))`);
    this.addSql(`alter table "issued_certificate" add constraint "issued_certificate_key_hash_unique" unique ("key_hash")`);
    this.addSql(`alter table "issued_certificate" add constraint "issued_certificate_fingerprint_unique" unique ("fingerprint")`);
    this.addSql(`create index "issued_certificate_batch_id_index" on "issued_certificate" ("batch_id")`);
    this.addSql(`create index "issued_certificate_device_id_index" on "issued_certificate" ("device_id")`);
    this.addSql(`create table "claim_serial" ("batch_id" uuid not null, "serial_number" varchar(128) not null, "device_id" uuid null, primary key ("batch_id", "serial_number"))`);
    this.addSql(`create table "registered_ca" ("id" uuid not null, "fingerprint" varchar(64) not null, "subject" varchar(500) not null, "certificate_pem" text not null, "not_after" timestamptz(3) not null, "template_id" uuid not null, "deactivated_at" timestamptz(3) null, "created_at" timestamptz(3) not null, primary key ("id"))`);
    this.addSql(`alter table "registered_ca" add constraint "registered_ca_fingerprint_unique" unique ("fingerprint")`);
    this.addSql(`create index "registered_ca_template_id_index" on "registered_ca" ("template_id")`);
    this.addSql(`alter table "model" add "sleep_after_ms" int null`);
    this.addSql(`alter table "certificate" add "replaces_id" uuid null, add "rotation_asked_at" timestamptz(3) null`);
    this.addSql(`create index "certificate_replaces_id_index" on "certificate" ("replaces_id")`);
    this.addSql(`alter table "provisioning_attempt" add constraint "provisioning_attempt_operation_check" check ("operation" in ('create_from_csr', 'create_keys', 'provision', 'register_by_ca', 'rotate'))`);
    this.addSql(`alter table "provisioning_template" add constraint "provisioning_template_model_id_foreign" foreign key ("model_id") references "model" ("id")`);
    this.addSql(`alter table "claim_batch" add constraint "claim_batch_template_id_foreign" foreign key ("template_id") references "provisioning_template" ("id")`);
    this.addSql(`alter table "issued_certificate" add constraint "issued_certificate_batch_id_foreign" foreign key ("batch_id") references "claim_batch" ("id") on delete set null`);
    this.addSql(`alter table "issued_certificate" add constraint "issued_certificate_device_id_foreign" foreign key ("device_id") references "device" ("id") on delete set null`);
    this.addSql(`alter table "claim_serial" add constraint "claim_serial_batch_id_foreign" foreign key ("batch_id") references "claim_batch" ("id")`);
    this.addSql(`alter table "claim_serial" add constraint "claim_serial_device_id_foreign" foreign key ("device_id") references "device" ("id") on delete set null`);
    this.addSql(`alter table "registered_ca" add constraint "registered_ca_template_id_foreign" foreign key ("template_id") references "provisioning_template" ("id")`);
  }
}
