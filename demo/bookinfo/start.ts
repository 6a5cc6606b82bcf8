import type { Ports } from './ports.ts';
import { details } from './services/details.ts';
import { productpage } from './services/productpage.ts';
import { ratings } from './services/ratings.ts';
import { reviews } from './services/reviews.ts';
import { type Running, type Service, serve } from './services/service.ts';

export interface Settings {
  ports: Ports;
  /**
   * The base URL of Envoy, and the host of the demo's route. If given, the product page gets its reviews through Envoy,
   * where the route's canary applies.
   */
  gateway?: { url: string; host: string };
}

/** Starts all six services. When one cannot listen, the others are stopped. */
export async function startBookinfo({ ports, gateway }: Settings): Promise<{ close(): Promise<void> }> {
  const at = (port: number) => `http://127.0.0.1:${port}`;
  const page = productpage({
    details: at(ports.details),
    reviews: gateway?.url ?? at(ports.reviews.v1),
    ...(gateway && { host: gateway.host }),
  });
  const services: [Service, number][] = [
    [ratings, ports.ratings],
    [details, ports.details],
    [reviews('v1', at(ports.ratings)), ports.reviews.v1],
    [reviews('v2', at(ports.ratings)), ports.reviews.v2],
    [reviews('v3', at(ports.ratings)), ports.reviews.v3],
    [page, ports.productpage],
  ];

  const running: Running[] = [];
  const close = async () => {
    await Promise.all(running.map((service) => service.close()));
  };
  try {
    for (const [service, port] of services) running.push(await serve(service, port));
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}
