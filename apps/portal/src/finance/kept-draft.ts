import { newId, type TermsDraft } from './terms-draft.js';

/** What was typed into a draft and not saved yet outlives a change of page or a reload, in this tab. */
const keyOf = (planVersionId: string) => `throughline.draft.${planVersionId}`;

export function keptDraft(planVersionId: string): TermsDraft | null {
  const text = sessionStorage.getItem(keyOf(planVersionId));
  if (!text) return null;
  const draft = JSON.parse(text) as TermsDraft;
  return { ...draft, charges: draft.charges.map((charge) => ({ ...charge, id: newId() })) };
}

export function keepDraft(planVersionId: string, draft: TermsDraft | null): void {
  if (draft) sessionStorage.setItem(keyOf(planVersionId), JSON.stringify(draft));
  else sessionStorage.removeItem(keyOf(planVersionId));
}
