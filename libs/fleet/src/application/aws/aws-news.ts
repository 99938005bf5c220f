/** A part of what AWS IoT tells on its reserved topics that a lib acts on. One gateway receives it, one message after the other. */
export abstract class AwsNews {
  /** Topic filters; `+` stands for one level. */
  abstract readonly filters: readonly string[];
  /** Committed when it resolves. INVALID_INPUT for what cannot be read, which is then logged and left. */
  abstract take(topic: string, payload: Buffer): Promise<void>;
}
