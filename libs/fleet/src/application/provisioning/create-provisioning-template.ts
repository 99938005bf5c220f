import { Injectable } from '@nestjs/common';
import { Clock, DomainError, newId, notFound } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { isModelName } from '../../domain/model.js';
import { checkedTemplate, type ProvisioningTemplate, type TemplateInput } from '../../domain/provisioning/template.js';
import { ModelStore } from '../../storage/model.store.js';
import { TemplateStore } from '../../storage/provisioning/template.store.js';

@Injectable()
export class CreateProvisioningTemplate {
  constructor(
    private readonly database: Database,
    private readonly models: ModelStore,
    private readonly templates: TemplateStore,
    private readonly clock: Clock,
  ) {}

  /** Errors: INVALID_INPUT with every fault; NOT_FOUND for the model; CONFLICT when the name is taken. */
  async run(input: TemplateInput & { readonly modelName: string }): Promise<ProvisioningTemplate> {
    const { modelName } = input;
    const checked = checkedTemplate(input);
    const createdAt = this.clock.now();
    return this.database.transaction(everyCustomer, async (em) => {
      const model = isModelName(modelName) && (await this.models.byName(em, modelName));
      if (!model) throw notFound('model', modelName);
      const template = { id: newId(createdAt.getTime()), modelId: model.id, ...checked, createdAt };
      if (!(await this.templates.insert(em, template)))
        throw new DomainError('CONFLICT', `a provisioning template named "${template.name}" is there already`);
      return template;
    });
  }
}
