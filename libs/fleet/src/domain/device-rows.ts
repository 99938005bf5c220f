import { isModelName } from './model.js';
import { checkTags, isTagKey, type Tags } from './tags.js';
import { isThingName } from './thing-name.js';

export const importLimits = {
  rows: 10_000,
  bytes: 4 * 1024 * 1024,
  /** Faults that are listed; the rest is counted. */
  faults: 1_000,
} as const;

/** Columns of the file besides `tag.KEY`. A machine is named by its serial number; without one the row is a device alone. */
export const importColumns = [
  'thing_name',
  'model',
  'serial_number',
  'asset_name',
  'customer',
  'site',
  'location',
  'loan',
  'tags',
] as const;
type Column = (typeof importColumns)[number];

/** Columns that an export has besides; an import passes over them. */
export const exportOnlyColumns = ['state', 'firmware', 'connected', 'last_seen_at'] as const;

const needed: readonly Column[] = ['thing_name', 'model'];

/** What is wrong with a file: the line (the head is 1), the column, what stands there, the rule it breaks. */
export interface RowFault {
  readonly row: number;
  readonly field: string;
  readonly value: string;
  readonly rule: string;
}

/** A line of the file, in itself without fault. */
export interface DeviceRow {
  readonly row: number;
  readonly thingName: string;
  readonly model: string;
  readonly tags: Tags;
  readonly machine:
    | {
        readonly serialNumber: string;
        /** Empty for a machine that is registered. */
        readonly name: string;
        readonly customer: string;
        readonly site: string;
        readonly location: string;
        readonly loan: boolean;
      }
    | undefined;
}

export type Line = { readonly row: number; readonly cells: readonly string[] };

/** Reads the lines of a file, the head first; every fault is listed. Says nothing of what the registry knows. */
export function readRows(lines: readonly Line[]): { rows: DeviceRow[]; faults: RowFault[] } {
  const [head, ...body] = lines;
  const faults: RowFault[] = [];
  const columns = (head?.cells ?? []).map((cell) => cell.trim());
  checkHead(columns, faults);
  if (body.length > importLimits.rows)
    faults.push({
      row: 1,
      field: 'file',
      value: String(body.length),
      rule: `must have at most ${importLimits.rows} rows`,
    });
  if (faults.length > 0) return { rows: [], faults };
  const rows: DeviceRow[] = [];
  const seen = { things: new Map<string, number>(), machines: new Map<string, number>() };
  for (const line of body) {
    const read = new RowReader(line, columns, faults).read(seen);
    if (read) rows.push(read);
  }
  return { rows, faults };
}

function checkHead(columns: readonly string[], faults: RowFault[]): void {
  const known = new Set<string>([...importColumns, ...exportOnlyColumns]);
  const fault = (value: string, rule: string): void => void faults.push({ row: 1, field: 'head', value, rule });
  for (const column of needed) if (!columns.includes(column)) fault(column, 'this column must be there');
  for (const [i, column] of columns.entries()) {
    const tag = column.startsWith('tag.') && isTagKey(column.slice(4));
    if (!known.has(column) && !tag) fault(column, `must be one of ${importColumns.join(', ')} or tag.KEY`);
    if (columns.indexOf(column) !== i) fault(column, 'this column is there twice');
  }
}

class RowReader {
  private readonly values = new Map<string, string>();
  private faulty = false;

  constructor(
    private readonly line: Line,
    private readonly columns: readonly string[],
    private readonly faults: RowFault[],
  ) {
    for (const [i, column] of columns.entries()) this.values.set(column, plain(line.cells[i] ?? ''));
  }

  read(seen: { things: Map<string, number>; machines: Map<string, number> }): DeviceRow | undefined {
    if (this.line.cells.length !== this.columns.length)
      this.fault('row', String(this.line.cells.length), `must have ${this.columns.length} cells, as the head has`);
    const [thingName, model] = [this.value('thing_name'), this.value('model')];
    if (!isThingName(thingName))
      this.fault('thing_name', thingName, 'must be 1 to 128 of the characters a-z A-Z 0-9 : _ -');
    if (!isModelName(model)) this.fault('model', model, 'must be the name of a model');
    this.once(seen.things, 'thing_name', thingName, thingName);
    const machine = this.machine();
    if (machine) this.once(seen.machines, 'serial_number', machine.serialNumber, `${model} ${machine.serialNumber}`);
    const tags = this.tags();
    return this.faulty ? undefined : { row: this.line.row, thingName, model, tags, machine };
  }

  private machine(): DeviceRow['machine'] {
    const serialNumber = this.value('serial_number');
    const [name, customer, site, location] = (['asset_name', 'customer', 'site', 'location'] as const).map((column) =>
      this.value(column),
    ) as [string, string, string, string];
    const loan = this.value('loan').toLowerCase();
    if (!['', 'true', 'false'].includes(loan)) this.fault('loan', loan, 'must be true, false or empty');
    if (serialNumber === '') {
      for (const column of ['asset_name', 'customer', 'site', 'location'] as const)
        if (this.value(column) !== '')
          this.fault(column, this.value(column), 'must be empty in a row without serial_number');
      if (loan === 'true') this.fault('loan', loan, 'must not be true in a row without serial_number');
      return undefined;
    }
    this.text('serial_number', serialNumber, 100);
    this.text('asset_name', name, 100);
    this.text('location', location, 200);
    for (const column of ['customer', 'site'] as const)
      if (this.value(column) === '') this.fault(column, '', 'must be given in a row with serial_number');
    return { serialNumber, name, customer, site, location, loan: loan === 'true' };
  }

  /** `tags` has "key=value" parted by semicolons, `tag.KEY` one value; empty cells are no tags. */
  private tags(): Tags {
    const tags: Record<string, string> = {};
    for (const part of this.value('tags').split(';')) {
      if (part.trim() === '') continue;
      const at = part.indexOf('=');
      if (at < 0) this.fault('tags', part, 'must be key=value, parted by semicolons');
      else tags[part.slice(0, at).trim()] = part.slice(at + 1).trim();
    }
    for (const column of this.columns)
      if (column.startsWith('tag.') && this.value(column) !== '') tags[column.slice(4)] = this.value(column);
    const found: { field: string; value: unknown; rule: string }[] = [];
    checkTags(found, 'tags', tags);
    for (const { field, value, rule } of found) this.fault(field, String(value), rule);
    return tags;
  }

  private once(seen: Map<string, number>, column: Column, value: string, key: string): void {
    const first = seen.get(key);
    if (value !== '' && first !== undefined) this.fault(column, value, `is in row ${first} already`);
    else seen.set(key, this.line.row);
  }

  private text(column: Column, value: string, max: number): void {
    if (value.length > max || /\p{Cc}/u.test(value))
      this.fault(column, value, `must be at most ${max} characters without line breaks`);
  }

  private value(column: string): string {
    return this.values.get(column) ?? '';
  }

  private fault(field: string, value: string, rule: string): void {
    this.faulty = true;
    this.faults.push({ row: this.line.row, field, value: value.slice(0, 200), rule });
  }
}

/** A cell without blanks around it, and without the apostrophe that an export puts before what looks like a formula. */
const plain = (cell: string): string => cell.trim().replace(/^'(?=[=+@\t\r-])/, '');

/** A cell of a CSV file. What a spreadsheet would run as a formula gets an apostrophe before it. */
export function csvCell(value: string): string {
  const safe = /^[=+@\t\r-]/.test(value) ? `'${value}` : value;
  return /[",;\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
