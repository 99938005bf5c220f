import { Readable } from 'node:stream';
import { Body, Controller, Get, Header, Headers, HttpCode, Post, Query, StreamableFile } from '@nestjs/common';
import { AuditTrail, Authenticate, type Permission, type RequestScope, requirePermission } from '@throughline/identity';
import { DomainError, invalid } from '@throughline/kernel';
import { currentRequestId, Database, everyCustomer, knownFailure } from '@throughline/platform';
import { ExportDevices } from '../../application/export-devices.js';
import { type DeviceImport, ImportDevices } from '../../application/import-devices.js';

/** Devices as CSV, for callers with a bearer token or an API key. */
@Controller()
export class DeviceFilesController {
  constructor(
    private readonly authenticate: Authenticate,
    private readonly exporting: ExportDevices,
    private readonly importing: ImportDevices,
    private readonly database: Database,
    private readonly audit: AuditTrail,
  ) {}

  @Get('exports/devices.csv')
  @Header('cache-control', 'no-store')
  async export(
    @Headers('authorization') authorization: string | undefined,
    @Query('query') query: string | string[] | undefined,
  ): Promise<StreamableFile> {
    const scope = await this.caller(authorization, ['devices:read', 'assets:read']);
    if (Array.isArray(query)) throw invalid({ field: 'query', value: query, rule: 'must be given once' });
    // Type and name go with the file, not with the route: a refusal is JSON.
    return new StreamableFile(Readable.from(await this.exporting.run(scope.data, query ?? '')), {
      type: 'text/csv; charset=utf-8',
      disposition: 'attachment; filename="devices.csv"',
    });
  }

  /** `?dryRun=true` writes nothing. The file is the body, text/csv. The answer names every fault; nothing is written with one. */
  @Post('imports/devices.csv')
  @HttpCode(200)
  async import(
    @Headers('authorization') authorization: string | undefined,
    @Query('dryRun') dryRun: string | undefined,
    @Body() body: unknown,
  ): Promise<DeviceImport> {
    const scope = await this.caller(authorization, ['devices:write', 'assets:write']);
    if (dryRun !== undefined && dryRun !== 'true' && dryRun !== 'false')
      throw invalid({ field: 'dryRun', value: dryRun, rule: 'must be true or false' });
    if (typeof body !== 'string') throw invalid({ field: 'body', value: typeof body, rule: 'must be text/csv' });
    const detail = { dryRun: dryRun === 'true', bytes: Buffer.byteLength(body) };
    try {
      const result = await this.importing.run(scope.data, { csv: body, dryRun: detail.dryRun });
      const { written, devices, assets, installations, faultCount } = result;
      await this.record(scope, 'done', { ...detail, written, devices, assets, installations, faultCount });
      return result;
    } catch (error) {
      const code = knownFailure(error)?.code ?? 'INTERNAL';
      await this.record(scope, code === 'INTERNAL' ? 'failed' : 'refused', { ...detail, error: code });
      throw error;
    }
  }

  private async caller(authorization: string | undefined, permissions: readonly Permission[]): Promise<RequestScope> {
    if (authorization === undefined) throw new DomainError('UNAUTHENTICATED', 'Sign in first');
    const { scope } = await this.authenticate.bearer(authorization, currentRequestId() ?? 'unknown');
    for (const permission of permissions) requirePermission(scope, permission);
    return scope;
  }

  private async record(
    scope: RequestScope,
    outcome: 'done' | 'refused' | 'failed',
    detail: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    await this.database.transaction(everyCustomer, (em) =>
      this.audit.record(em, scope, { action: 'importDevices', outcome, detail }),
    );
  }
}
