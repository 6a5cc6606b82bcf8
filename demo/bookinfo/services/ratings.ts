import { product } from './details.ts';
import { type Service, seen } from './service.ts';

/** The stars of each reviewer, at `GET /ratings/{product}`. */
export const ratings: Service = {
  name: 'ratings',
  version: 'v1',
  handle: (call) => ({
    body: {
      service: 'ratings',
      version: 'v1',
      id: product(call.path),
      ratings: { Reviewer1: 5, Reviewer2: 4 },
      request: seen(call),
    },
  }),
};
