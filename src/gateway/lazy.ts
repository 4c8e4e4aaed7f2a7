import type { Gateway, HttpGatewayOptions } from './client';

/** The gateway, loaded with its first call: the client and its schemas are not needed to start up. */
export function lazyGateway(options: HttpGatewayOptions): Gateway {
  let loading: Promise<Gateway> | undefined;
  const load = () => (loading ??= import('./client').then(({ HttpGateway }) => new HttpGateway(options)));
  return {
    create: async (...args) => (await load()).create(...args),
    result: async (...args) => (await load()).result(...args),
    models: async (...args) => (await load()).models(...args),
    balance: async (...args) => (await load()).balance(...args),
  };
}
