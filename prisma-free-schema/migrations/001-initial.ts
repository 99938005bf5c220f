import { Migration } from '@mikro-orm/migrations';
import { tables } from './001-initial.tables.js';

/** The first schema: tables from the entities, then what entities cannot say. */
export class Initial extends Migration {
  override up(): void {
    this.addSql('create extension if not exists btree_gist');
    this.addSql(`do $$ begin
      if not exists (select 1 from pg_roles where rolname = 'throughline_app') then create role throughline_app nologin; end if;
    end $$`);
    this.addSql('grant throughline_app to current_user');
    for (const statement of tables.trim().split(/;\n/)) this.addSql(statement);
    this.addSql(`alter table installation
      add constraint installation_one_asset_a_time exclude using gist (device_id with =, tstzrange(from_at, to_at) with &&),
      add constraint installation_one_device_a_time exclude using gist (asset_id with =, tstzrange(from_at, to_at) with &&)`);
    this.addSql(`alter table contract_asset
      add constraint contract_asset_one_contract_a_time exclude using gist (asset_id with =, tstzrange(from_at, to_at) with &&)`);
    this.addSql(`alter table timeline_entry
      add constraint timeline_entry_one_belief exclude using gist (asset_id with =, tstzrange(from_at, to_at) with &&)
      where (superseded_at is null) deferrable initially deferred`);
    this.addSql(`create unique index usage_window_one_current on usage_window (asset_id, meter_id, hour) where superseded_at is null`);
    this.addSql(`create function refuse_change() returns trigger language plpgsql as $$
      begin raise exception '% of % is not allowed: the row is immutable', tg_op, tg_table_name using errcode = 'integrity_constraint_violation'; end $$`);
    this.addSql(`create trigger plan_version_frozen before update on plan_version for each row
      when (old.state <> 'draft' and new.terms is distinct from old.terms) execute function refuse_change()`);
    this.addSql(`create trigger contract_terms_frozen before update on contract for each row
      when (new.terms is distinct from old.terms or new.currency <> old.currency or new.customer_id <> old.customer_id) execute function refuse_change()`);
    this.addSql(`create trigger plan_version_kept before delete on plan_version for each row
      when (old.state <> 'draft') execute function refuse_change()`);
    this.addSql('create trigger audit_entry_append_only before update or delete on audit_entry for each row execute function refuse_change()');
    this.addSql('grant usage on schema public to throughline_app');
    this.addSql('grant select, insert, update, delete on all tables in schema public to throughline_app');
    this.addSql('grant usage, select on all sequences in schema public to throughline_app');
    this.addSql('alter default privileges in schema public grant select, insert, update, delete on tables to throughline_app');
    this.addSql('alter default privileges in schema public grant usage, select on sequences to throughline_app');
  }
}
