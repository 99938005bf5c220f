import { CreateOrganisation, CreateUser, systemScope } from '@throughline/identity';
import { Database, everyCustomer } from '@throughline/platform';
import { configOf, withApp } from '../context.js';
import type { Environment } from '../up/environment.js';
import { type Account, keptPassword } from './account.js';
import { hasOrganisation } from './has-organisation.js';
import { registerCatalogue } from './register-catalogue.js';
import { saveCaCertificate } from './save-ca.js';

const name = 'Manufacturer';
const email = 'admin@throughline.example';

/** What an empty installation needs: its manufacturer, an administrator, the product types. The same again changes nothing. */
export async function seedInstallation(environment: Environment): Promise<Account[]> {
  const config = configOf(environment);
  const password = keptPassword(config.dataDir, 'admin');
  return withApp(config, async (app) => {
    const database = app.get(Database);
    await database.transaction(everyCustomer, async (em) => {
      if (await hasOrganisation(em)) return;
      const { id } = await app.get(CreateOrganisation).execute(systemScope, { kind: 'manufacturer', name });
      await app
        .get(CreateUser)
        .execute(systemScope, { organisationId: id, email, name: 'Administrator', role: 'admin', password });
      await registerCatalogue(app);
    });
    await saveCaCertificate(app, config.dataDir);
    return [{ role: 'admin', email, password }];
  });
}
