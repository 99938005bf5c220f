import { Injectable } from '@nestjs/common';
import { LiveSignals } from '@throughline/platform';

type Listener = (deviceIds: readonly string[]) => void;

/** Tells the directories of all processes that devices changed. A hint: a lost one costs seconds of freshness only. */
@Injectable()
export class DirectoryChanges {
  private readonly listeners = new Set<Listener>();

  constructor(private readonly signals: LiveSignals) {}

  /** To be called after the commit. This process hears of it at once, the others about half a second later. */
  announce(deviceIds: readonly string[]): void {
    for (const listener of this.listeners) listener(deviceIds);
    this.signals.signal('fleet-directory', deviceIds);
  }

  /** Returns how to stop. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    const stop = this.signals.listen('fleet-directory', listener);
    return () => {
      this.listeners.delete(listener);
      stop();
    };
  }
}
