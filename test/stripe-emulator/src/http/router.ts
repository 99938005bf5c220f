import { unrecognised } from '../core/errors.js';
import type { PathArgs, Route } from '../core/route.js';

interface Compiled {
  route: Route;
  pattern: RegExp;
}

/** Finds the endpoint of a method and path, fixed words before ids. */
export class Router {
  private readonly compiled: Compiled[];

  constructor(routes: Route[]) {
    this.compiled = routes.map((route) => ({
      route,
      pattern: new RegExp(`^${route.path.replace(':id', '(?<id>[^/]+)').replace(':sub', '(?<sub>[^/]+)')}$`),
    }));
  }

  find(method: string, path: string): { route: Route; args: PathArgs } {
    for (const { route, pattern } of this.compiled) {
      const match = route.method === method ? pattern.exec(path) : null;
      if (match) {
        const { id = '', sub = '' } = match.groups ?? {};
        return { route, args: { id: decodeURIComponent(id), sub: decodeURIComponent(sub) } };
      }
    }
    throw unrecognised(method, path);
  }
}
