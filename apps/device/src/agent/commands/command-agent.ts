import type { AgentLog } from '../log.js';
import { answerPayload, type CommandEnd, type CommandHandler, type CommandHandlers, rejected } from './command.js';
import { CommandJournal, type JournalledCommand } from './command-journal.js';

export interface CommandAgentOptions {
  readonly handlers: CommandHandlers;
  /** In memory when not given. */
  readonly journal?: CommandJournal;
}

/** The connection as far as commands need it. */
export interface CommandLink {
  subscribe(topic: string): Promise<void>;
  publish(topic: string, payload: string): Promise<void>;
}

/** Requests that may wait for the one that runs. */
const MAX_WAITING = 20;
const MAX_LOG_LINES = 200;
const RETRY_MS = 5_000;
/** The server will not take the answer, now or later. */
const FINAL_REFUSALS: readonly unknown[] = [
  'InvalidStateTransition',
  'ResourceNotFound',
  'InvalidRequest',
  'InvalidJson',
];

/**
 * The device side of AWS IoT's commands: carries out requests one after the other, each execution once, and gives the
 * answer again until the server has confirmed it.
 */
export class CommandAgent {
  readonly #prefix: string;
  readonly #options: Required<CommandAgentOptions>;
  readonly #boot: () => number;
  readonly #log: AgentLog;
  /** Answers of this connection whose verdict is outstanding, by execution, in order: whether each was the last one. */
  readonly #unconfirmed = new Map<string, boolean[]>();
  #link: CommandLink | undefined;
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;
  #retry: NodeJS.Timeout | undefined;
  #first = true;

  constructor(thingName: string, boot: () => number, log: AgentLog, options: CommandAgentOptions) {
    this.#prefix = `$aws/commands/things/${thingName}/executions/`;
    this.#boot = boot;
    this.#log = log;
    this.#options = { journal: new CommandJournal(), ...options };
  }

  /** A new connection: listens, and gives again what the server is not known to have. @throws Error when it may not listen. */
  async up(link: CommandLink): Promise<void> {
    this.#unconfirmed.clear();
    this.#link = link;
    for (const topic of ['response/accepted/json', 'response/rejected/json', 'request/json'])
      await link.subscribe(`${this.#prefix}+/${topic}`);
    for (const entry of this.#options.journal.open) await this.#resume(entry);
    this.#first = false;
  }

  down(): void {
    this.#link = undefined;
    clearTimeout(this.#retry);
  }

  /** Takes a message; false when it is none of commands. Never throws. */
  received(topic: string, payload: string): boolean {
    if (!topic.startsWith(this.#prefix)) return false;
    const [id = '', kind, verdict] = topic.slice(this.#prefix.length).split('/');
    if (kind === 'request') this.#requested(id, payload);
    else if (verdict === 'accepted' || verdict === 'rejected') this.#judged(id, verdict, payload);
    return true;
  }

  #requested(id: string, payload: string): void {
    const known = this.#options.journal.get(id);
    if (known) {
      if (known.answer !== undefined && known.state !== 'running') this.#publish(id, known.answer, true);
      return;
    }
    const request = parseRequest(payload);
    const handler = this.#handlerOf(request);
    if (typeof handler !== 'function') {
      this.#background(this.#end(id, handler));
      return;
    }
    this.#waiting += 1;
    const written = this.#options.journal.put({ id, state: 'running', boot: this.#boot() });
    this.#work = this.#work
      .then(() => written)
      .then(() => this.#run(id, handler, request))
      .catch((error: unknown) =>
        this.#log('warn', 'a command was not answered', { execution: id, error: String(error) }),
      )
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  /** Who carries it out, or why nobody does. */
  #handlerOf(request: Request): CommandHandler | CommandEnd {
    const { handlers } = this.#options;
    const { command, fault } = request;
    if (fault !== undefined) return rejected('BAD_REQUEST', fault);
    const handler = Object.hasOwn(handlers, command) ? handlers[command] : undefined;
    if (!handler) return rejected('UNKNOWN_COMMAND', `there is no command "${command}"`);
    return this.#waiting < MAX_WAITING ? handler : rejected('BUSY', `${MAX_WAITING} commands wait already`);
  }

  async #run(id: string, handler: CommandHandler, request: Request): Promise<void> {
    const lines: string[] = [];
    const extra = (): Record<string, string> => (lines.length > 0 ? { log: lines.join('\n') } : {});
    const end = await handler({
      executionId: id,
      arguments: request.arguments,
      log: (line) => {
        lines.push(line);
        if (lines.length > MAX_LOG_LINES) lines.shift();
      },
      progress: (percent, step) => {
        const reason = { reasonCode: 'PROGRESS', reasonDescription: step };
        this.#publish(id, answerPayload('IN_PROGRESS', reason, { percent: `${percent}`, step, ...extra() }), false);
      },
    }).catch((error: unknown): CommandEnd => {
      const reasonDescription = error instanceof Error ? error.message : String(error);
      return { status: 'FAILED', reasonCode: 'ERROR', reasonDescription };
    });
    if ('status' in end) return this.#end(id, end, extra());
    await this.#options.journal.put({ id, state: 'restarting', boot: this.#boot() });
    this.#publish(id, answerPayload('IN_PROGRESS', { reasonCode: 'RESTARTING' }), false);
    await end.restart();
  }

  async #end(id: string, end: CommandEnd, extra: Readonly<Record<string, string>> = {}): Promise<void> {
    const answer = answerPayload(end.status, end, extra);
    await this.#options.journal.put({ id, state: 'answered', boot: this.#boot(), answer });
    this.#log('info', 'command ended', { execution: id, status: end.status });
    this.#publish(id, answer, true);
  }

  /** What a former connection or boot left open. */
  async #resume({ id, state, boot, answer }: JournalledCommand): Promise<void> {
    if (state === 'answered' && answer !== undefined) this.#publish(id, answer, true);
    else if (state === 'restarting' && this.#boot() > boot)
      await this.#end(id, { status: 'SUCCEEDED', result: { boot: `${this.#boot()}` } });
    else if (state === 'running' && this.#first && this.#boot() > boot)
      await this.#end(id, {
        status: 'FAILED',
        reasonCode: 'INTERRUPTED',
        reasonDescription: 'the controller restarted while it ran',
      });
  }

  #publish(id: string, payload: string, last: boolean): void {
    if (!this.#link) return;
    const outstanding = this.#unconfirmed.get(id) ?? [];
    this.#unconfirmed.set(id, [...outstanding, last]);
    this.#link.publish(`${this.#prefix}${id}/response/json`, payload).catch((error: unknown) =>
      // What was the last word is given again on the next connection.
      this.#log('warn', 'an answer was not sent', { execution: id, error: String(error) }),
    );
  }

  /** Verdicts come in the order of the answers. */
  #judged(id: string, verdict: 'accepted' | 'rejected', payload: string): void {
    const [last, ...rest] = this.#unconfirmed.get(id) ?? [];
    if (rest.length > 0) this.#unconfirmed.set(id, rest);
    else this.#unconfirmed.delete(id);
    const error = verdict === 'rejected' ? parseError(payload) : undefined;
    if (verdict === 'rejected') this.#log('warn', 'an answer was refused', { execution: id, error, payload });
    const known = this.#options.journal.get(id);
    if (!last || known?.state !== 'answered') return;
    if (verdict === 'accepted' || FINAL_REFUSALS.includes(error)) {
      this.#background(this.#options.journal.put({ ...known, state: 'done' }));
      return;
    }
    this.#retry = setTimeout(() => {
      if (known.answer !== undefined) this.#publish(id, known.answer, true);
    }, RETRY_MS);
    this.#retry.unref();
  }

  #background(work: Promise<void>): void {
    work.catch((error: unknown) => this.#log('warn', 'a command was not journalled', { error: String(error) }));
  }
}

interface Request {
  readonly command: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** What is wrong with it. */
  readonly fault?: string;
}

function parseRequest(payload: string): Request {
  const bad = (fault: string): Request => ({ command: '', arguments: {}, fault });
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return bad('the request is not JSON');
  }
  const { command, arguments: args = {} } = (value ?? {}) as Partial<Record<string, unknown>>;
  if (typeof command !== 'string') return bad('the request names no command');
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return bad('the arguments must be an object');
  return { command, arguments: args as Request['arguments'] };
}

function parseError(payload: string): unknown {
  try {
    return (JSON.parse(payload) as { error?: unknown } | null)?.error;
  } catch {
    return undefined;
  }
}
