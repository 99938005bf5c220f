import type { Order } from './order.js';

export type Slot = 'a' | 'b';

export const otherSlot = (slot: Slot): Slot => (slot === 'a' ? 'b' : 'a');

/** How an update ended. `rolledBack`: the new image had been started, and the former one runs again. */
export type Outcome =
  | { readonly succeeded: true }
  | { readonly succeeded: false; readonly reason: string; readonly rolledBack: boolean };

/**
 * Where the controller is. All of it is one file that is replaced as a whole, so a power cut leaves the state before or the one
 * after. `active`: the slot with the image that is known to be good.
 * - `idle`: nothing to do.
 * - `downloading`: the artefact comes into a file of its own; no slot is touched.
 * - `installing`: the artefact is there and is what was promised; it is written to the other slot.
 * - `starting`: the other slot is whole; the next start is with it.
 * - `confirming`: it runs, and must prove itself; `boots` counts its starts.
 * - `reverting`: it failed; the next start is with the active slot again.
 * - `reporting`: it is decided, and the service has to hear of it.
 */
export type UpdateState =
  | { readonly step: 'idle'; readonly active: Slot }
  | { readonly step: 'downloading' | 'installing'; readonly active: Slot; readonly order: Order }
  | { readonly step: 'starting'; readonly active: Slot; readonly order: Order }
  | { readonly step: 'confirming'; readonly active: Slot; readonly order: Order; readonly boots: number }
  | { readonly step: 'reverting'; readonly active: Slot; readonly order: Order; readonly reason: string }
  | { readonly step: 'reporting'; readonly active: Slot; readonly order: Order; readonly outcome: Outcome };

export type Step = UpdateState['step'];

export type UpdateEvent =
  | { readonly type: 'ordered'; readonly order: Order }
  | { readonly type: 'already-there' }
  | { readonly type: 'downloaded' }
  | { readonly type: 'installed' }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'abandoned' }
  | { readonly type: 'booted'; readonly otherBoots: boolean }
  | { readonly type: 'healthy' }
  | { readonly type: 'unhealthy'; readonly reason: string }
  | { readonly type: 'reported' };

/** In which steps an event may happen; a start may happen in any. */
export const happensIn: Readonly<Record<UpdateEvent['type'], readonly Step[]>> = {
  ordered: ['idle'],
  'already-there': ['downloading'],
  downloaded: ['downloading'],
  installed: ['installing'],
  refused: ['downloading', 'installing'],
  abandoned: ['downloading', 'installing'],
  booted: ['idle', 'downloading', 'installing', 'starting', 'confirming', 'reverting', 'reporting'],
  healthy: ['confirming'],
  unhealthy: ['confirming'],
  reported: ['reporting'],
};

/** Starts that a new image gets to prove itself: a power cut meanwhile is not its fault, a crash again and again is. */
export const MAX_BOOTS = 3;

/** The slot whose image runs: until the next start a failed one still does. */
export const runningSlot = ({ step, active }: UpdateState): Slot =>
  step === 'confirming' || step === 'reverting' ? otherSlot(active) : active;

/** The state after an event. @throws Error when it cannot happen there, which is a mistake of the caller's. */
export function after(state: UpdateState, event: UpdateEvent): UpdateState {
  if (!happensIn[event.type].includes(state.step)) throw new Error(`${event.type} cannot happen while ${state.step}`);
  const { active } = state;
  if (event.type === 'ordered') return { step: 'downloading', active, order: event.order };
  if (state.step === 'idle') return state;
  const { order } = state;
  switch (event.type) {
    case 'already-there':
      return { step: 'reporting', active, order, outcome: { succeeded: true } };
    case 'downloaded':
      return { step: 'installing', active, order };
    case 'installed':
      return { step: 'starting', active, order };
    case 'refused':
      return failed(active, order, event.reason, false);
    case 'abandoned':
    case 'reported':
      return { step: 'idle', active };
    case 'booted':
      return booted(state, event.otherBoots);
    case 'healthy':
      return { step: 'reporting', active: otherSlot(active), order, outcome: { succeeded: true } };
    case 'unhealthy':
      return { step: 'reverting', active, order, reason: event.reason };
  }
}

function booted(state: Exclude<UpdateState, { step: 'idle' }>, otherBoots: boolean): UpdateState {
  const { active, order } = state;
  switch (state.step) {
    case 'starting':
    case 'confirming': {
      const boots = state.step === 'starting' ? 1 : state.boots + 1;
      if (!otherBoots) return failed(active, order, 'the new image did not start', true);
      if (boots > MAX_BOOTS)
        return failed(active, order, `the new image was not confirmed in ${MAX_BOOTS} starts`, true);
      return { step: 'confirming', active, order, boots };
    }
    case 'reverting':
      return failed(active, order, state.reason, true);
    default:
      return state;
  }
}

const failed = (active: Slot, order: Order, reason: string, rolledBack: boolean): UpdateState => ({
  step: 'reporting',
  active,
  order,
  outcome: { succeeded: false, reason, rolledBack },
});
