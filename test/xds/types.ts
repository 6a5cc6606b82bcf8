import { cluster } from '../../dataplane/serve/types/cluster.ts';
import { endpoints } from '../../dataplane/serve/types/endpoints.ts';
import { listener } from '../../dataplane/serve/types/listener.ts';
import { routes } from '../../dataplane/serve/types/routes.ts';
import { scope } from '../../dataplane/serve/types/scope.ts';
import { secret } from '../../dataplane/serve/types/secret.ts';

/** The URLs of the types that clients ask for in tests. */
export const TYPES = {
  listener: listener.url,
  scope: scope.url,
  routes: routes.url,
  cluster: cluster.url,
  endpoints: endpoints.url,
  secret: secret.url,
};
