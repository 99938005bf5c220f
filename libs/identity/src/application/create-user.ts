import { Injectable } from '@nestjs/common';
import { Clock, DomainError, type Fault, newId, notFound } from '@throughline/kernel';
import { Database, violatedConstraint } from '@throughline/platform';
import { Organisation, User } from '@throughline/schema/identity';
import { type RequestScope, requirePermission } from '../domain/request-scope.js';
import { isRole, roles } from '../domain/roles.js';
import { isEmail, normalEmail, refuseFaults, shortText } from '../domain/text-rules.js';
import { Passwords } from './passwords.js';

export interface NewUser {
  readonly organisationId: string;
  readonly email: string;
  readonly name: string;
  readonly role: string;
  readonly password: string;
  readonly language?: string;
}

/** A person of an organisation. The role must be one of that kind of organisation; the e-mail is unique everywhere. */
@Injectable()
export class CreateUser {
  constructor(
    private readonly database: Database,
    private readonly passwords: Passwords,
    private readonly clock: Clock,
  ) {}

  async execute(scope: RequestScope, input: NewUser): Promise<User> {
    requirePermission(scope, 'users:write');
    const faults: Fault[] = [];
    const email = normalEmail(input.email);
    if (!isEmail(email)) faults.push({ field: 'email', value: input.email, rule: 'must be an e-mail address' });
    const name = shortText(faults, 'name', input.name, 200);
    const { role } = input;
    if (!isRole(role)) {
      refuseFaults([
        ...faults,
        { field: 'role', value: role, rule: `must be one of ${Object.keys(roles).join(', ')}` },
      ]);
      throw new DomainError('INTERNAL', 'unreachable: the role is refused above');
    }
    refuseFaults(faults);
    const passwordHash = await this.passwords.hash(input.password);
    try {
      return await this.database.transaction(scope.data, async (em) => {
        const organisation = await em.findOne(Organisation, { id: input.organisationId });
        if (!organisation) throw notFound('organisation', input.organisationId);
        if (roles[role].of !== organisation.kind)
          refuseFaults([{ field: 'role', value: role, rule: `is not a role of a ${organisation.kind}` }]);
        const user = em.create(User, {
          id: newId(),
          organisationId: organisation.id,
          email,
          name,
          role,
          passwordHash,
          language: input.language ?? organisation.language,
          createdAt: this.clock.now(),
        });
        await em.flush();
        return user;
      });
    } catch (error) {
      if (violatedConstraint(error) === 'app_user_email_unique')
        throw new DomainError('CONFLICT', `There is a user with the e-mail ${email} already`);
      throw error;
    }
  }
}
