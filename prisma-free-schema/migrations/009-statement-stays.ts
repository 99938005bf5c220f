import { Migration } from '@mikro-orm/migrations';

export class StatementStays extends Migration {
  override up(): void {
    this.addSql(`alter table "statement" add "stays" jsonb null`);
  }
}
