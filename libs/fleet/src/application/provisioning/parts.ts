import { AttemptStore } from '../../storage/provisioning/attempt.store.js';
import { ClaimBatchStore } from '../../storage/provisioning/claim-batch.store.js';
import { IssuedCertificateStore } from '../../storage/provisioning/issued-certificate.store.js';
import { RegisteredCaStore } from '../../storage/provisioning/registered-ca.store.js';
import { RotationStore } from '../../storage/provisioning/rotation.store.js';
import { SessionStore } from '../../storage/provisioning/session.store.js';
import { TemplateStore } from '../../storage/provisioning/template.store.js';
import { TlsRefusalStore } from '../../storage/provisioning/tls-refusal.store.js';
import { CheckSessions } from './check-sessions.js';
import { ClaimAccess } from './claim-access.js';
import { CleanProvisioning } from './clean-provisioning.js';
import { ConfirmRotation } from './confirm-rotation.js';
import { CreateCertificate } from './create-certificate.js';
import { CreateClaimBatch } from './create-claim-batch.js';
import { CreateProvisioningTemplate } from './create-provisioning-template.js';
import { DeactivateCa } from './deactivate-ca.js';
import { DeactivateClaimBatch } from './deactivate-claim-batch.js';
import { MakeThing } from './make-thing.js';
import { OrderRotation } from './order-rotation.js';
import { OwnershipTokens } from './ownership-tokens.js';
import { ProvisionThing } from './provision-thing.js';
import { ProvisioningHook } from './provisioning-hook.js';
import { ProvisioningLists } from './provisioning-lists.js';
import { RecordAttempt } from './record-attempt.js';
import { RefusedConnections } from './refused-connections.js';
import { RegisterByCa } from './register-by-ca.js';
import { RegisterCa } from './register-ca.js';
import { RequestRotation } from './request-rotation.js';
import { RotateCertificate } from './rotate-certificate.js';

/** Provisioning's part of the module. */
export const provisioningUseCases = [
  CheckSessions,
  ClaimAccess,
  CleanProvisioning,
  ConfirmRotation,
  CreateCertificate,
  CreateClaimBatch,
  CreateProvisioningTemplate,
  DeactivateCa,
  DeactivateClaimBatch,
  OrderRotation,
  ProvisionThing,
  ProvisioningLists,
  RefusedConnections,
  RegisterByCa,
  RegisterCa,
  RequestRotation,
  RotateCertificate,
];

export const provisioningParts = [
  AttemptStore,
  ClaimBatchStore,
  IssuedCertificateStore,
  MakeThing,
  OwnershipTokens,
  ProvisioningHook,
  RecordAttempt,
  RegisteredCaStore,
  RotationStore,
  SessionStore,
  TemplateStore,
  TlsRefusalStore,
];
