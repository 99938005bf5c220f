import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import { type IdentityContext, Public } from '../../application/access-policy.js';
import { Authenticate } from '../../application/authenticate.js';
import { RefreshSession } from '../../application/refresh-session.js';
import { type SignedIn, SignIn } from '../../application/sign-in.js';
import { SignOut } from '../../application/sign-out.js';
import { TokensType } from './types.js';

@Resolver()
export class SignInResolver {
  constructor(
    private readonly signInWith: SignIn,
    private readonly refreshSession: RefreshSession,
    private readonly endSession: SignOut,
    private readonly authenticate: Authenticate,
  ) {}

  @Public()
  @Mutation(() => TokensType)
  async signIn(
    @Args('email', { type: () => String }) email: string,
    @Args('password', { type: () => String }) password: string,
    @Context() context: IdentityContext,
  ): Promise<TokensType> {
    return this.known(context, await this.signInWith.execute({ email, password, address: context.address }));
  }

  @Public()
  @Mutation(() => TokensType)
  async refresh(
    @Args('refreshToken', { type: () => String }) refreshToken: string,
    @Context() context: IdentityContext,
  ): Promise<TokensType> {
    return this.known(context, await this.refreshSession.execute(refreshToken));
  }

  @Public()
  @Mutation(() => Boolean)
  async signOut(@Args('refreshToken', { type: () => String }) refreshToken: string): Promise<boolean> {
    await this.endSession.execute(refreshToken);
    return true;
  }

  /** From here on the request has a caller, whom the journal names. */
  private async known(context: IdentityContext, { tokens }: SignedIn): Promise<TokensType> {
    const { scope } = await this.authenticate.bearer(`Bearer ${tokens.accessToken}`, context.requestId);
    context.scope = scope;
    return tokens;
  }
}
