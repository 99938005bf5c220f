import { Context, Int, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { ModelType } from '@throughline/fleet/graphql';
import { type IdentityContext, Requires } from '@throughline/identity';
import { loader } from '@throughline/platform';
import { Schemas } from '../../application/schemas.js';
import type { SchemaVersion } from '../../domain/metric.js';
import { MetricType } from './types.js';

@Resolver(() => ModelType)
export class ModelTelemetryResolver {
  constructor(private readonly schemas: Schemas) {}

  @Requires('models:read')
  @ResolveField(() => [MetricType], { description: 'Of the newest schema version, in its order' })
  async metrics(@Parent() model: ModelType, @Context() context: IdentityContext): Promise<MetricType[]> {
    return [...((await this.schema(context, model.id))?.metrics ?? [])];
  }

  @Requires('models:read')
  @ResolveField(() => Int, { description: '0 for a model without a telemetry schema' })
  async schemaVersion(@Parent() model: ModelType, @Context() context: IdentityContext): Promise<number> {
    return (await this.schema(context, model.id))?.version ?? 0;
  }

  private schema(context: IdentityContext, modelId: string): Promise<SchemaVersion | undefined> {
    return loader<string, SchemaVersion | undefined>(context, 'telemetry.schema', (ids) =>
      this.schemas.newestOf(ids),
    ).load(modelId);
  }
}
