import { type CommandHandler, type CommandHandlers, rejected } from './command.js';

/** What a controller lets commands do to it. */
export interface Controller {
  /** Begins the next boot and comes back. */
  restart(): Promise<void>;
  /** Seconds between readings, kept across restarts. */
  setReportInterval(seconds: number): Promise<void>;
  readonly selfTest: CommandHandler;
}

const MAX_INTERVAL_S = 3_600;

/** The commands every controller of ours knows. */
export const builtInCommands = (controller: Controller): CommandHandlers => ({
  'run-self-test': controller.selfTest,
  restart: async () => ({ restart: () => controller.restart() }),
  'set-report-interval': async ({ arguments: { seconds } }) => {
    if (typeof seconds !== 'number' || !Number.isInteger(seconds) || seconds < 1 || seconds > MAX_INTERVAL_S)
      return rejected('INVALID_ARGUMENT', `seconds must be a whole number from 1 to ${MAX_INTERVAL_S}`);
    await controller.setReportInterval(seconds);
    return { status: 'SUCCEEDED', result: { seconds: `${seconds}` } };
  },
});
