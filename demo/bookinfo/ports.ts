/**
 * The ports of the demo's services on 127.0.0.1. They are below 32768, so the kernel never assigns them to a client.
 */
export interface Ports {
  productpage: number;
  details: number;
  ratings: number;
  reviews: { v1: number; v2: number; v3: number };
}

/** Six ports in a row: productpage, details, ratings, and reviews v1, v2, v3. */
export function portsFrom(first: number): Ports {
  return {
    productpage: first,
    details: first + 1,
    ratings: first + 2,
    reviews: { v1: first + 3, v2: first + 4, v3: first + 5 },
  };
}

export const FIRST_PORT = 19080;
