import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, type Options } from '@mikro-orm/postgresql';
import * as availability from './entities/availability/index.js';
import * as billing from './entities/billing/index.js';
import * as contracts from './entities/contracts/index.js';
import * as diagnostics from './entities/diagnostics/index.js';
import * as fleet from './entities/fleet/index.js';
import * as identity from './entities/identity/index.js';
import * as metering from './entities/metering/index.js';
import * as ota from './entities/ota/index.js';
import * as platform from './entities/platform/index.js';
import * as telemetry from './entities/telemetry/index.js';
import { migrations } from './migrations/index.js';

/** The role all reading and writing is done as: it owns nothing and cannot bypass row-level security. */
export const APP_ROLE = 'throughline_app';

export const entities = [
  platform.OutboxRow,
  platform.DownlinkRow,
  platform.InstallationSecret,
  identity.Organisation,
  identity.Site,
  identity.User,
  identity.PartnerLink,
  identity.Session,
  identity.ApiKey,
  identity.SignInAttempt,
  identity.AuditEntry,
  fleet.Model,
  fleet.Asset,
  fleet.Device,
  fleet.Installation,
  fleet.Certificate,
  fleet.PresenceInterval,
  fleet.Gateway,
  fleet.IotJob,
  fleet.JobExecution,
  fleet.Shadow,
  fleet.ShadowHistory,
  fleet.ProvisioningTemplate,
  fleet.ClaimBatch,
  fleet.ClaimSerial,
  fleet.IssuedCertificate,
  fleet.RegisteredCa,
  fleet.ProvisioningAttempt,
  fleet.DeviceIndex,
  fleet.DeviceTerm,
  fleet.DeviceGroup,
  fleet.DeviceGroupMember,
  fleet.DeviceBulk,
  fleet.DeviceBulkItem,
  fleet.TlsRefusal,
  telemetry.TelemetrySchema,
  telemetry.Message,
  telemetry.DeviceEvent,
  telemetry.LatestReading,
  telemetry.BootProgress,
  telemetry.QuarantinedMessage,
  telemetry.QuarantineTask,
  telemetry.MissingRange,
  diagnostics.CommandDefinition,
  diagnostics.CommandExecution,
  diagnostics.DiagnosticRun,
  availability.TimelineEntry,
  availability.TimelineDirty,
  metering.Meter,
  metering.UsageWindow,
  metering.UsageDirty,
  contracts.Plan,
  contracts.PlanVersion,
  contracts.Contract,
  contracts.ContractAsset,
  billing.BillingAccount,
  billing.Statement,
  billing.StatementLine,
  billing.StripeEvent,
  ota.Artefact,
  ota.Release,
  ota.ReleaseArtefact,
  ota.Rollout,
  ota.RolloutDevice,
];

/** Options of the ORM for a database address. */
export const ormConfig = (clientUrl: string): Options =>
  defineConfig({
    clientUrl,
    entities,
    forceUtcTimezone: true,
    validateRequired: false,
    // Every table with customers' rows has its own filter; joining those of the rows it refers to would hide a device's past
    // from the customer it was at, and cost a join each.
    autoJoinRefsForFilters: false,
    extensions: [Migrator],
    migrations: { migrationsList: migrations, tableName: 'schema_migration', snapshot: false },
    schemaGenerator: { ignoreSchema: ['bullmq'] },
  });
