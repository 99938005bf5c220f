import { Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Requires } from '@throughline/identity';
import { Models } from '../../application/models.js';
import { ModelType, StateDefinitionType } from './types.js';

@Resolver(() => ModelType)
export class ModelsResolver {
  constructor(private readonly all: Models) {}

  @Requires('models:read')
  @Query(() => [ModelType])
  models(): Promise<ModelType[]> {
    return this.all.all();
  }

  @ResolveField(() => [StateDefinitionType])
  states(@Parent() model: ModelType): StateDefinitionType[] {
    return Object.entries(model.stateMap.states).map(([value, meaning]) => ({ value, ...meaning }));
  }
}
