export { type GuaranteePreview, previewGuarantee } from './domain/preview-guarantee.js';
export { lineSum, rate } from './domain/rate.js';
export type { ExplanationStep, RatedAsset, RatedLine, RatingInput } from './domain/types.js';
