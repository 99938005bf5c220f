import { Migration } from '@mikro-orm/migrations';

export class DiagnosticRunsByTime extends Migration {
  override up(): void {
    this.addSql(`create index "diagnostic_run_created_at_id_index" on "diagnostic_run" ("created_at", "id")`);
  }
}
