/** Steps on the terminal: what is being done, then how long it took. */
export class Progress {
  private readonly began = Date.now();

  async step<T>(what: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T> {
    const started = Date.now();
    const live = process.stdout.isTTY;
    process.stdout.write(`${what} … `);
    const detail = (text: string): void => {
      if (live) process.stdout.write(`\r\x1b[2K${what} … ${text}`);
    };
    try {
      const result = await work(detail);
      process.stdout.write(`${live ? `\r\x1b[2K${what} … ` : ''}${((Date.now() - started) / 1000).toFixed(1)} s\n`);
      return result;
    } catch (error) {
      process.stdout.write('failed\n');
      throw error;
    }
  }

  say(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  seconds(): string {
    return ((Date.now() - this.began) / 1000).toFixed(1);
  }
}

/** Two aligned columns. */
export function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}
