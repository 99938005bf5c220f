import { Migration } from '@mikro-orm/migrations';

export class AwsMode extends Migration {
  override up(): void {
    this.addSql(`alter table "iot_job" add "aws_state" varchar(10) null, add "aws_error" varchar(500) null, add "aws_retry_at" timestamptz(3) null`);
    this.addSql(`alter table "device" add "aws_state" varchar(10) null, add "aws_error" varchar(500) null, add "aws_retry_at" timestamptz(3) null`);
    this.addSql(`create index "device_aws_behind" on "device" ("id") where aws_state is distinct from (case state when 'retired' then 'gone' when 'suspended' then 'closed' else 'open' end)`);
    this.addSql(`alter table "certificate" add "pem" text null, add "aws_state" varchar(10) null`);
    this.addSql(`create index "certificate_aws_behind" on "certificate" ("device_id") where aws_state is distinct from state`);
  }
}
