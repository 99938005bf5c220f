export { Contracts } from './application/contracts.js';
export { CreateContract } from './application/create-contract.js';
export { CreatePlan } from './application/create-plan.js';
export { DraftPlanVersion } from './application/draft-plan-version.js';
export { EndContract } from './application/end-contract.js';
export { contractEnded, contractSigned, planPublished } from './application/events.js';
export { Plans } from './application/plans.js';
export { PublishPlanVersion } from './application/publish-plan-version.js';
export { RetirePlanVersion } from './application/retire-plan-version.js';
export { SaveDraft } from './application/save-draft.js';
export { ContractsModule } from './contracts.module.js';
export { checkTerms, termsLimits } from './domain/check-terms.js';
export {
  type Contract,
  type ContractState,
  type CreateContractInput,
  contractState,
  type Stay,
} from './domain/contract.js';
export { type Plan, type PlanVersion, type PlanVersionState, planVersionMoves } from './domain/plan.js';
export type {
  AvailabilityGuarantee,
  Charge,
  CreditBand,
  RecurringCharge,
  Terms,
  Tier,
  UsageCharge,
} from './domain/terms.js';
