import { Module } from '@nestjs/common';
import { FleetModule } from '@throughline/fleet';
import { MeteringModule } from '@throughline/metering';
import { Contracts } from './application/contracts.js';
import { CreateContract } from './application/create-contract.js';
import { CreatePlan } from './application/create-plan.js';
import { DraftPlanVersion } from './application/draft-plan-version.js';
import { EndContract } from './application/end-contract.js';
import { Plans } from './application/plans.js';
import { PublishPlanVersion } from './application/publish-plan-version.js';
import { RetirePlanVersion } from './application/retire-plan-version.js';
import { SaveDraft } from './application/save-draft.js';
import { ContractStore } from './storage/contract.store.js';
import { PlanStore } from './storage/plan.store.js';

const useCases = [
  Contracts,
  CreateContract,
  CreatePlan,
  DraftPlanVersion,
  EndContract,
  Plans,
  PublishPlanVersion,
  RetirePlanVersion,
  SaveDraft,
];

@Module({
  imports: [FleetModule, MeteringModule],
  providers: [...useCases, ContractStore, PlanStore],
  exports: useCases,
})
export class ContractsModule {}
